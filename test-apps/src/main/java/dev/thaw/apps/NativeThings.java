// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;

/**
 * What lies between Java and native code, held across a checkpoint: attached native threads, JNI references, direct
 * buffers, memory of malloc, downcalls and upcall stubs.
 *
 * <p>{@code NativeThings LIBRARY} (native_things.c of the tests); {@code check} on stdin uses all of it and prints
 * {@code check ok}, or what is wrong.
 */
public final class NativeThings {
    private static final int THREADS = 4;
    private static final int BYTES = 4 << 20;
    private static final int SECONDS = 20;
    private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final AtomicLong FROM_JNI = new AtomicLong();
    private static final AtomicLong FROM_STUB = new AtomicLong();

    private final int[] shared = {1};
    private final ByteBuffer direct = ByteBuffer.allocateDirect(BYTES);
    private final ByteBuffer ofMalloc;
    private final MemorySegment segment = Arena.ofAuto().allocate(BYTES, 64);
    private final long crc;
    private final MethodHandle sortBy;
    private final MethodHandle open;
    private final MemorySegment comparison;
    private long checks;

    @SuppressWarnings("restricted")
    private NativeThings(Path library) throws ReflectiveOperationException {
        System.load(library.toString());
        keep(shared);
        ofMalloc = allocate(BYTES);
        byte[] random = new byte[BYTES];
        new Random(7).nextBytes(random);
        direct.put(0, random);
        ofMalloc.put(0, random);
        MemorySegment.copy(random, 0, segment, ValueLayout.JAVA_BYTE, 0, BYTES);
        crc = crcOf(ByteBuffer.wrap(random));

        Linker linker = Linker.nativeLinker();
        sortBy = linker.downcallHandle(linker.defaultLookup().find("qsort").orElseThrow(), FunctionDescriptor.ofVoid(
                ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS));
        open = linker.downcallHandle(linker.defaultLookup().find("open").orElseThrow(), FunctionDescriptor.of(
                ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT), Linker.Option.captureCallState("errno"),
                Linker.Option.firstVariadicArg(2));
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        comparison = linker.upcallStub(lookup.findStatic(NativeThings.class, "compare", MethodType.methodType(int.class,
                MemorySegment.class, MemorySegment.class)), FunctionDescriptor.of(ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS.withTargetLayout(ValueLayout.JAVA_INT),
                ValueLayout.ADDRESS.withTargetLayout(ValueLayout.JAVA_INT)), Arena.global());
        MemorySegment tick = linker.upcallStub(lookup.findStatic(NativeThings.class, "stubCalled",
                MethodType.methodType(void.class)), FunctionDescriptor.ofVoid(), Arena.global());
        useStub(tick.address());
        startThreads(THREADS, NativeThings::calledFromNativeThread);
    }

    /** A global and a weak global reference. */
    private static native void keep(Object object);

    private static native Object kept();

    private static native Object weaklyKept();

    /** Memory of malloc. */
    private static native ByteBuffer allocate(int bytes);

    /** Each attaches and calls {@code runnable} in a loop; every second one detaches in between. */
    private static native void startThreads(int count, Runnable runnable);

    /** Another native thread, never attached by itself, calls the stub in a loop. */
    private static native void useStub(long address);

    /** What each native thread counted in a variable of its own (__thread). */
    private static native long[] threadCounts();

    public static void main(String[] args) throws Throwable {
        NativeThings things = new NativeThings(Path.of(args[0]));
        things.check();
        System.out.println("ready");
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        while (commands.readLine() != null) {
            things.check();
            System.out.println("check ok " + things.checks);
        }
    }

    private void check() throws Throwable {
        checks++;
        require(kept() == shared && weaklyKept() == shared && ++shared[0] == checks + 1, "references");
        require(crcOf(direct.duplicate()) == crc, "direct buffer");
        require(crcOf(ofMalloc.duplicate()) == crc, "buffer of malloc");
        require(crcOf(segment.asByteBuffer()) == crc, "segment");
        ofMalloc.put(0, ofMalloc.get(0));
        checkDowncalls();
        long[] threads = threadCounts();
        long jni = FROM_JNI.get();
        long stub = FROM_STUB.get();
        long end = System.nanoTime() + SECONDS * 1_000_000_000L;
        while (FROM_JNI.get() < jni + 2 * THREADS || FROM_STUB.get() < stub + 2 || !allBeyond(threads)) {
            require(System.nanoTime() < end, "native threads: " + Arrays.toString(threads) + ", then "
                    + Arrays.toString(threadCounts()) + ", stub " + stub + ", then " + FROM_STUB.get());
            Thread.onSpinWait();
        }
    }

    private static boolean allBeyond(long[] before) {
        long[] now = threadCounts();
        for (int i = 0; i < now.length; i++) {
            if (now[i] < before[i] + 2) {
                return false;
            }
        }
        return true;
    }

    private void checkDowncalls() throws Throwable {
        int[] numbers = new Random(checks).ints(1000).toArray();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocateFrom(ValueLayout.JAVA_INT, numbers);
            sortBy.invokeExact(copy, (long) numbers.length, 4L, comparison);
            Arrays.sort(numbers);
            require(Arrays.equals(numbers, copy.toArray(ValueLayout.JAVA_INT)), "qsort by an upcall");
            MemorySegment state = arena.allocate(STATE);
            int fd = (int) open.invokeExact(state, arena.allocateFrom("/nowhere/at/all"), 0);
            require(fd == -1 && (int) ERRNO.get(state, 0L) == 2, "errno of a downcall");
        }
    }

    private static int compare(MemorySegment a, MemorySegment b) {
        return Integer.compare(a.get(ValueLayout.JAVA_INT, 0), b.get(ValueLayout.JAVA_INT, 0));
    }

    private static void stubCalled() {
        FROM_STUB.incrementAndGet();
    }

    private static void calledFromNativeThread() {
        FROM_JNI.incrementAndGet();
    }

    private static long crcOf(ByteBuffer bytes) {
        CRC32C sum = new CRC32C();
        sum.update(bytes);
        return sum.getValue();
    }

    private static void require(boolean right, String what) {
        if (!right) {
            System.out.println("wrong: " + what);
            System.exit(1);
        }
    }
}
