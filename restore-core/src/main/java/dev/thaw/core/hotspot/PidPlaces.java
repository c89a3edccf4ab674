// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core.hotspot;

import dev.thaw.core.Foreign;
import dev.thaw.core.PidPlace;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where HotSpot keeps its own pid: static variables of libjvm, found by name.
 *
 * <p>{@code PosixAttachListener::_path}: at VM exit HotSpot unlinks it, and a SIGQUIT looks for it; with the
 * old pid that is another process's socket. {@code backing_store_file_name}: the hsperfdata file, unlinked at
 * VM exit, never freed (perfMemory_posix.cpp, delete_shared_memory: "Don't.. Free heap memory could deadlock"); so it can
 * be made to point to memory of ours, of which the length is known.
 *
 * @param notes what was not found, and so will keep the old pid; empty when all is well
 */
public record PidPlaces(List<PidPlace> places, List<String> notes) {
    private static final int PATH_BYTES = 4096;
    private static final List<String> ATTACH_PATH =
            List.of("_ZN19PosixAttachListener5_pathE", "_ZN19LinuxAttachListener5_pathE");    // JDK 24-25, JDK 22-23
    private static final List<String> ATTACH_HAS_PATH =
            List.of("_ZN19PosixAttachListener9_has_pathE", "_ZN19LinuxAttachListener9_has_pathE");
    private static final List<String> PERF_FILE = List.of("_ZL23backing_store_file_name");
    private static final List<String> LOG_PID = List.of("_ZN14LogDecorations4_pidE");
    private static final List<String> LOG_PID_TEXT = List.of("_ZN13LogFileOutput8_pid_strE");

    /** What {@link #find} asks for. */
    public static final Set<String> SYMBOLS = Stream.of(ATTACH_PATH, ATTACH_HAS_PATH, PERF_FILE, LOG_PID, LOG_PID_TEXT)
            .flatMap(List::stream).collect(Collectors.toUnmodifiableSet());

    /** Finds the places; to be called before the first checkpoint. */
    public static PidPlaces find(LibjvmSymbols symbols) {
        return new Search(symbols).run();
    }

    private record Search(LibjvmSymbols symbols, List<PidPlace> places, List<String> notes, long pid) {
        Search(LibjvmSymbols symbols) {
            this(symbols, new ArrayList<>(), new ArrayList<>(), ProcessHandle.current().pid());
        }

        PidPlaces run() {
            Optional<MemorySegment> hasPath = variable(ATTACH_HAS_PATH, "HotSpot's attach socket keeps its old path");
            variable(ATTACH_PATH, "HotSpot's attach socket keeps its old path").ifPresent(path -> hasPath.ifPresent(flag ->
                    places.add(new PidPlace(path.address(), path.byteSize(), flag.address(), "/tmp/.java_pid", ".hs"))));
            variable(PERF_FILE, "HotSpot removes the hsperfdata file of the old pid when it ends").ifPresent(this::addPerfFile);
            /* Only where the pid stands: anything else would be another variable than we think. */
            variable(LOG_PID, "-Xlog decorations keep the old pid")
                    .filter(number -> number.get(ValueLayout.JAVA_INT, 0) == (int) pid)
                    .ifPresent(number -> places.add(PidPlace.number(number.address())));
            variable(LOG_PID_TEXT, "-Xlog file names keep the old pid")
                    .filter(text -> text.getString(0, StandardCharsets.ISO_8859_1).equals(Long.toString(pid)))
                    .ifPresent(text -> places.add(PidPlace.text(text.address(), text.byteSize(), "")));
            return new PidPlaces(List.copyOf(places), List.copyOf(notes));
        }

        private Optional<MemorySegment> variable(List<String> names, String consequence) {
            for (String name : names) {
                OptionalLong address = symbols.address(name);
                if (address.isPresent() && symbols.size(name) > 0) {
                    return Optional.of(Foreign.memory(address.getAsLong(), symbols.size(name)));
                }
            }
            notes.add("libjvm.so does not name " + names.get(0) + ": " + consequence);
            return Optional.empty();
        }

        /** "/tmp/hsperfdata_user/pid"; null where HotSpot writes none. */
        private void addPerfFile(MemorySegment pointer) {
            long old = pointer.get(ValueLayout.JAVA_LONG, 0);
            if (old == 0) {
                return;
            }
            String file = Foreign.memory(old, PATH_BYTES).getString(0, StandardCharsets.ISO_8859_1);
            MemorySegment ours = Arena.global().allocate(PATH_BYTES);
            ours.setString(0, file, StandardCharsets.ISO_8859_1);
            pointer.set(ValueLayout.JAVA_LONG, 0, ours.address());
            places.add(PidPlace.text(ours.address(), PATH_BYTES, file.substring(0, file.lastIndexOf('/') + 1)));
        }
    }
}
