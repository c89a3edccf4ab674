// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.time;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Clocks and timed waits of the kernel that the JDK does not use. */
final class NativeTime {
    static final int MONOTONIC = 1;
    static final int BOOTTIME = 7;

    private static final long CLOCK_GETTIME = 228;
    private static final int ABSOLUTE = 1;
    private static final long NS = 1_000_000_000L;
    private static final MethodHandle SYSCALL =
            of("syscall", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, ADDRESS));
    private static final MethodHandle NANOSLEEP =
            of("clock_nanosleep", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
    private static final MethodHandle TIMERFD_CREATE =
            of("timerfd_create", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle TIMERFD_SETTIME =
            of("timerfd_settime", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
    private static final MethodHandle READ =
            of("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
    private static final MethodHandle POLL =
            of("poll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));

    private NativeTime() {}

    @SuppressWarnings("restricted")
    private static MethodHandle of(String name, FunctionDescriptor descriptor) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().find(name).orElseThrow(), descriptor);
    }

    /** CLOCK_MONOTONIC by a system call; System.nanoTime reads the vdso. */
    static long monotonicOfKernel() {
        return clock(MONOTONIC);
    }

    private static long clock(int clock) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment time = arena.allocate(2 * Long.BYTES);
            check("clock_gettime", (long) SYSCALL.invokeExact(CLOCK_GETTIME, clock, time));
            return time.get(JAVA_LONG, 0) * NS + time.get(JAVA_LONG, Long.BYTES);
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    /** clock_nanosleep until a moment of CLOCK_MONOTONIC. */
    static void sleepUntil(long nanoTime) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment time = arena.allocate(2 * Long.BYTES);
            put(time, 0, nanoTime);
            int result;
            do {
                result = (int) NANOSLEEP.invokeExact(MONOTONIC, ABSOLUTE, time, MemorySegment.NULL);
            } while (result != 0);
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    /** A timerfd of that clock, armed for so many nanoseconds from now. */
    static int timer(int clock, long nanos) {
        try (Arena arena = Arena.ofConfined()) {
            int fd = (int) TIMERFD_CREATE.invokeExact(clock, 0);
            MemorySegment interval = arena.allocate(MemoryLayout.sequenceLayout(4, JAVA_LONG));
            put(interval, 2 * Long.BYTES, clock(clock) + nanos);
            check("timerfd_settime",
                    (int) TIMERFD_SETTIME.invokeExact(fd, ABSOLUTE, interval, MemorySegment.NULL));
            return fd;
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    static void awaitTimer(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ticks = arena.allocate(Long.BYTES);
            long got;
            do {
                got = (long) READ.invokeExact(fd, ticks, (long) Long.BYTES);
            } while (got != Long.BYTES);
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    static void poll(int milliseconds) {
        try {
            int ready = (int) POLL.invokeExact(MemorySegment.NULL, 0L, milliseconds);
            if (ready > 0) {
                throw new IllegalStateException("poll of nothing found " + ready);
            }
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    private static void put(MemorySegment timespec, long at, long nanos) {
        timespec.set(JAVA_LONG, at, nanos / NS);
        timespec.set(JAVA_LONG, at + Long.BYTES, nanos % NS);
    }

    private static void check(String what, long result) {
        if (result < 0) {
            throw new IllegalStateException(what + " failed");
        }
    }
}
