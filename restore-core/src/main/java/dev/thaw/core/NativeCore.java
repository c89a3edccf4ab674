// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

import dev.thaw.core.hotspot.CollectionEvents;
import dev.thaw.core.hotspot.EntryBarriers;
import dev.thaw.core.hotspot.JvmTi;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/** libthaw.so, bound with java.lang.foreign. Safe for use by many threads; one checkpoint at a time. */
public final class NativeCore {
    private static final MethodHandle TRIM = Foreign.downcall(
            Foreign.libc("malloc_trim").orElseThrow(() -> new CoreException("libc has no malloc_trim: Thaw needs glibc")),
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG));
    private static final int CPU_FEATURES_BYTES = 4096;

    private final ThawLibrary library;
    private final JvmTi jvmTi;
    private final ProcessIdentity identity;

    private NativeCore(ThawLibrary library) {
        this.library = library;
        identity = ProcessIdentity.ofEngine(library.identity());
        jvmTi = JvmTi.ofThisProcess();
    }

    /**
     * Unpacks and loads the library and tells it about this JVM. {@link JdkAccess#openTo} comes first.
     *
     * @throws CoreException if this JVM or machine cannot be checkpointed
     */
    public static NativeCore open(CoreOptions options) {
        NativeCore core = new NativeCore(ThawLibrary.load());
        core.setUp(options);
        core.finishLoadingBeforeFork();
        CollectionEvents.report(core.jvmTi, core.library.collectionStarted(), core.library.collectionFinished());
        core.warmUp();
        return core;
    }

    private void setUp(CoreOptions options) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment setup = allocate(arena, Layouts.SETUP);
            MemorySegment result = allocate(arena, Layouts.RESULT);
            Setup.fill(view(setup, Layouts.SETUP), options);
            int error = library.open(setup, result);
            CheckpointOutcome.Failed failed = ResultReader.failed(view(result, Layouts.RESULT));
            if (failed.step() != Step.NONE) {
                throw new CoreException(failed.message());
            }
            check("thaw_open", error);
        }
    }

    /** A child of fork() does not share the restored process's userfaultfd: what is missing, it would see as zeros. */
    private void finishLoadingBeforeFork() {
        MemorySegment register = Foreign.libc("__register_atfork").orElseThrow(() -> new CoreException(
                "libc has no __register_atfork: Thaw needs glibc"));
        try {
            int error = (int) Foreign.downcall(register, FunctionDescriptor.of(ValueLayout.JAVA_INT,
                    ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.ADDRESS))
                    .invokeExact(library.beforeFork(), MemorySegment.NULL, MemorySegment.NULL, MemorySegment.NULL);
            check("__register_atfork", -error);
        } catch (CoreException e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("__register_atfork: a descriptor does not match its call site", e);
        }
    }

    /** glibc's malloc gives the pages between its used blocks back to the kernel: malloc_trim(3). */
    public void releaseFreeMemory() {
        try {
            int released = (int) TRIM.invokeExact(0L);
        } catch (Throwable e) {
            throw new AssertionError("malloc_trim: a descriptor does not match its call site", e);
        }
    }

    /** After a collection, which has armed them: {@link EntryBarriers}. */
    public void runEntryBarriers() {
        EntryBarriers.run(jvmTi, library.ignore());
    }

    /** What runs after a restore is loaded and linked now: class loading would be the longest part of a restore. */
    private void warmUp() {
        status().toText();
        nextKind(Path.of("/"));
        identity.warmUp();
        Foreign.bytes(identity.saltAddress(), Long.BYTES);
        CheckpointOutcome.RESTORED.hashCode();
        recovered();
        ByteBuffer result = ByteBuffer.allocate(Layouts.RESULT.size()).order(ByteOrder.LITTLE_ENDIAN);
        for (int outcome = 0; outcome <= 1; outcome++) {
            ResultReader.read(Layouts.RESULT.at(result, 0).putInt("outcome", outcome)).hashCode();
        }
    }

    /** Which process this is, known without delay in a restored one. */
    public ProcessIdentity identity() {
        return identity;
    }

    /** Comes back in the same process, or, with {@code Restored}, in the restored one. */
    public CheckpointOutcome checkpoint(CheckpointRequest request) {
        Arena arena = Arena.ofAuto(); // to close one would be among the first things that a restored process does
        MemorySegment asked = RequestWriter.write(arena, request);
        MemorySegment result = allocate(arena, Layouts.RESULT);
        int cameBack = library.checkpoint(asked, result);
        if (cameBack == Layouts.CAME_BACK) {
            return CheckpointOutcome.RESTORED;
        }
        check("thaw_checkpoint", cameBack);
        return ResultReader.read(view(result, Layouts.RESULT));
    }

    /** What a checkpoint would be refused for: its step is REFUSED, NONE, or why even that could not be found out. */
    public CheckpointOutcome.Failed check(CheckpointRequest request) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment asked = RequestWriter.write(arena, request);
            MemorySegment result = allocate(arena, Layouts.RESULT);
            view(asked, Layouts.REQUEST).putLong("flags", Layouts.FLAG_CHECK_ONLY);
            check("thaw_checkpoint", library.checkpoint(asked, result));
            return ResultReader.failed(view(result, Layouts.RESULT));
        }
    }

    /** What the next snapshot into {@code to} would be: {@code IS_DELTA}, or why it would be full. */
    public FullReason nextKind(Path to) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment asked = RequestWriter.write(arena,
                    new CheckpointRequest(to, true, false, -1, Duration.ZERO, List.of(), List.of(), List.of(), "",
                            ""));
            MemorySegment reason = arena.allocate(ValueLayout.JAVA_INT);
            check("thaw_parent", library.parent(asked, reason));
            return FullReason.values()[reason.get(ValueLayout.JAVA_INT, 0)];
        }
    }

    public CoreStatus status() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment status = allocate(arena, Layouts.STATUS);
            check("thaw_status", library.status(status));
            return StatusReader.read(view(status, Layouts.STATUS));
        }
    }

    /** Of this CPU, as hexadecimal digits. */
    public String cpuFeatures() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(CPU_FEATURES_BYTES);
            long length = library.cpuFeatures(buffer);
            return new String(buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE), NativeText.CHARSET);
        }
    }

    /** Returns when no page is missing. */
    public void loadAll() {
        check("thaw_load_all", library.loadAll());
    }

    /** What followed DIR on the command line of {@code thaw restore}. */
    public List<String> restoreArguments() {
        byte[] arguments = identity.arguments();
        return arguments.length == 0 ? List.of() : split(arguments);
    }

    /** NAME=value, a NUL behind each, of {@code thaw restore}; null in a process that was not restored. */
    public byte[] restoreEnvironment() {
        return identity.environment();
    }

    /** A NUL stands behind each, or between two. */
    static List<String> split(byte[] arguments) {
        List<String> list = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i] == 0) {
                list.add(new String(arguments, start, i - start, NativeText.CHARSET));
                start = i + 1;
            }
        }
        if (start < arguments.length) {
            list.add(new String(arguments, start, arguments.length - start, NativeText.CHARSET));
        }
        return list;
    }

    /** Where HotSpot keeps its pid: written in each restored process before any of its threads runs. */
    public void setPidPlaces(List<PidPlace> places) {
        try (Arena arena = Arena.ofConfined()) {
            check("thaw_pid_places", library.pidPlaces(array(arena, Layouts.PID_PLACE, places, PidPlace::write), places.size()));
        }
    }

    /** Which locks know their owner by his tid: free before a snapshot is written. */
    public void setTidPlaces(List<TidPlace> places) {
        try (Arena arena = Arena.ofConfined()) {
            check("thaw_tid_places", library.tidPlaces(array(arena, Layouts.TID_PLACE, places, TidPlace::write), places.size()));
        }
    }

    private static <T> MemorySegment array(Arena arena, CStruct type, List<T> elements, BiConsumer<T, CStruct.View> write) {
        MemorySegment memory = arena.allocate((long) type.size() * elements.size(), Long.BYTES);
        for (int i = 0; i < elements.size(); i++) {
            write.accept(elements.get(i), type.at(memory.asByteBuffer(), i * type.size()));
        }
        return memory;
    }

    /** After a restore all callbacks have returned: the working set is recorded for its time from here on. */
    public void recovered() {
        identity.recovered();
    }

    /** Sends this process a signal as kill(2) does: any thread may get it, not the calling one in particular. */
    public void signalSelf(int signal) {
        check("thaw_signal_self", library.signalSelf(signal));
    }

    /** Zeroed, with its size in {@code bytes}. */
    private static MemorySegment allocate(Arena arena, CStruct type) {
        MemorySegment memory = arena.allocate(type.size(), Long.BYTES);
        view(memory, type).putLong("bytes", type.size());
        return memory;
    }

    private static CStruct.View view(MemorySegment memory, CStruct type) {
        return type.at(memory.asByteBuffer(), 0);
    }

    private static void check(String function, int error) {
        if (error == -Errno.EINVAL) {
            throw new CoreException(function + " does not know the layout it was given: "
                    + "libthaw.so and the classes of thaw.jar are of different versions");
        }
        if (error != 0) {
            throw new CoreException(function + " failed: " + Errno.text(-error));
        }
    }
}
