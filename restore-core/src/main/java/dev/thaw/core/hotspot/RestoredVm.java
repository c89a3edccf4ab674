// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core.hotspot;

import dev.thaw.core.CoreException;
import dev.thaw.core.Foreign;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Where HotSpot keeps its own pid, and how it learns the new one: static variables of libjvm, found by name.
 *
 * <p>{@code PosixAttachListener::_path}: at VM exit HotSpot unlinks it, and a SIGQUIT looks for it; with the
 * old pid that is another process's socket. {@code backing_store_file_name}: the hsperfdata file, unlinked at
 * VM exit, never freed (perfMemory_posix.cpp, delete_shared_memory: "Don't.. Free heap memory could deadlock").
 */
public final class RestoredVm {
    private static final int PATH_BYTES = 4096;
    private static final String SOCKET = "/tmp/.java_pid";
    private static final List<String> ATTACH_PATH =
            List.of("_ZN19PosixAttachListener5_pathE", "_ZN19LinuxAttachListener5_pathE");    // JDK 24-25, JDK 22-23
    private static final List<String> ATTACH_HAS_PATH =
            List.of("_ZN19PosixAttachListener9_has_pathE", "_ZN19LinuxAttachListener9_has_pathE");
    private static final List<String> PERF_FILE = List.of("_ZL23backing_store_file_name");
    private static final List<String> LOG_PID = List.of("_ZN14LogDecorations4_pidE");
    private static final List<String> LOG_PID_TEXT = List.of("_ZN13LogFileOutput8_pid_strE");

    private final List<String> notes = new ArrayList<>();
    private final Optional<MemorySegment> attachPath;
    private final Optional<MemorySegment> attachHasPath;
    private final Optional<MemorySegment> perfFile;
    private final Optional<MemorySegment> logPid;
    private final Optional<MemorySegment> logPidText;
    /** "/tmp/hsperfdata_<user>/"; null: HotSpot writes none. */
    private final String perfFolder;
    /** Lives for ever, as HotSpot's own does: read at VM exit. */
    private final MemorySegment perfFileName = Arena.global().allocate(PATH_BYTES);

    private RestoredVm(LibjvmSymbols symbols) {
        attachPath = variable(symbols, ATTACH_PATH, "HotSpot's attach socket keeps its old path");
        attachHasPath = variable(symbols, ATTACH_HAS_PATH, "HotSpot's attach socket keeps its old path");
        perfFile = variable(symbols, PERF_FILE, "HotSpot removes the hsperfdata file of the old pid when it ends");
        perfFolder = perfFile.map(RestoredVm::folderOfFile).orElse(null);
        /* Only where the pid stands: anything else would be another variable than we think. */
        long pid = ProcessHandle.current().pid();
        logPid = variable(symbols, LOG_PID, "-Xlog decorations keep the old pid")
                .filter(number -> number.get(ValueLayout.JAVA_INT, 0) == (int) pid);
        logPidText = variable(symbols, LOG_PID_TEXT, "-Xlog file names keep the old pid")
                .filter(text -> text.getString(0, StandardCharsets.ISO_8859_1).equals(Long.toString(pid)));
    }

    /** Finds the places; to be called before the first checkpoint. */
    public static RestoredVm prepare() {
        Set<String> names = new HashSet<>();
        List.of(ATTACH_PATH, ATTACH_HAS_PATH, PERF_FILE, LOG_PID, LOG_PID_TEXT).forEach(names::addAll);
        Libjvm libjvm = Libjvm.ofThisProcess();
        RestoredVm vm;
        try {
            vm = new RestoredVm(LibjvmSymbols.read(libjvm, names));
        } catch (IOException e) {
            throw new CoreException("cannot read " + libjvm.path() + ": " + e.getMessage(), e);
        }
        vm.warmUp();
        return vm;
    }

    private Optional<MemorySegment> variable(LibjvmSymbols symbols, List<String> names, String consequence) {
        for (String name : names) {
            OptionalLong address = symbols.address(name);
            if (address.isPresent() && symbols.size(name) > 0) {
                return Optional.of(Foreign.memory(address.getAsLong(), symbols.size(name)));
            }
        }
        notes.add("libjvm.so does not name " + names.get(0) + ": " + consequence);
        return Optional.empty();
    }

    /** Does with the same values what refresh does, so that nothing is left to load or link in the restored process. */
    private void warmUp() {
        long pid = ProcessHandle.current().pid();
        write(perfFileName, text(perfFolder == null ? "" : perfFolder, pid, ""));
        logPid.ifPresent(number -> write(number, number(pid, Integer.BYTES)));
        attachHasPath.ifPresent(flag -> write(flag, bytes(flag, 1)));
    }

    /** What was not found, and so will keep the old pid; empty when all is well. */
    public List<String> notes() {
        return List.copyOf(notes);
    }

    /** To be called in the restored process before anything else. */
    public void refresh(long newPid) {
        if (attachPath.isPresent() && attachHasPath.isPresent() && bytes(attachHasPath.get(), 1)[0] != 0) {
            write(attachPath.get(), text(SOCKET, newPid, ".hs"));
        }
        if (perfFolder != null) {
            write(perfFileName, text(perfFolder, newPid, ""));
            write(perfFile.get(), number(perfFileName.address(), Long.BYTES));
        }
        if (logPid.isPresent()) {
            write(logPid.get(), number(newPid, Integer.BYTES));
        }
        if (logPidText.isPresent()) {
            write(logPidText.get(), text("", newPid, ""));
        }
    }

    private static byte[] bytes(MemorySegment memory, int count) {
        return Foreign.bytes(memory.address(), count);
    }

    private static void write(MemorySegment memory, byte[] bytes) {
        MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, bytes.length);
    }

    /** A C string. No +: its code would be spun, and run, for the first time. */
    private static byte[] text(String before, long pid, String behind) {
        return before.concat(Long.toString(pid)).concat(behind).concat("\0").getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] number(long value, int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) (value >> Byte.SIZE * i);
        }
        return bytes;
    }

    private static String folderOfFile(MemorySegment perfFile) {
        long name = perfFile.get(ValueLayout.JAVA_LONG, 0);
        if (name == 0) {
            return null;
        }
        String file = Foreign.memory(name, PATH_BYTES).getString(0, StandardCharsets.ISO_8859_1);
        return file.substring(0, file.lastIndexOf('/') + 1);
    }
}
