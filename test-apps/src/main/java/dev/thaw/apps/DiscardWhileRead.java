// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;

/** After a line on stdin two threads meet at one page after another, far apart: one reads it, one discards it. */
public final class DiscardWhileRead {
    private static final int PAGES = 512;
    private static final long PAGE_BYTES = 4096;
    /** So that no fault brings in the next one's page. */
    private static final long DISTANCE = 64 * PAGE_BYTES;
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_PRIVATE_ANONYMOUS = 0x22;
    private static final int MADV_DONTNEED = 4;
    /** So that some are discarded while they are brought in. */
    private static final long LONGEST_DELAY_NANOS = 1_000_000;
    private static final byte CONTENT = 0x5a;

    private final MethodHandle madvise;
    private final MemorySegment memory;
    private final CyclicBarrier meeting = new CyclicBarrier(2);

    @SuppressWarnings("restricted")
    private DiscardWhileRead() throws Throwable {
        Linker linker = Linker.nativeLinker();
        madvise = linker.downcallHandle(linker.defaultLookup().find("madvise").orElseThrow(), FunctionDescriptor.of(
                ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));
        MethodHandle mmap = linker.downcallHandle(linker.defaultLookup().find("mmap").orElseThrow(),
                FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG));
        memory = ((MemorySegment) mmap.invokeExact(MemorySegment.NULL, PAGES * DISTANCE, PROT_READ_WRITE,
                MAP_PRIVATE_ANONYMOUS, -1, 0L)).reinterpret(PAGES * DISTANCE).fill(CONTENT);
    }

    public static void main(String[] args) throws Throwable {
        DiscardWhileRead app = new DiscardWhileRead();
        System.out.println("ready");
        if (System.in.read() < 0) {
            throw new IOException("nobody asks");
        }
        Thread reader = Thread.ofPlatform().start(app::read);
        app.discard();
        reader.join();
        System.out.println("done");
    }

    private void discard() throws Throwable {
        for (int page = 0; page < PAGES; page++) {
            meeting.await();
            long until = System.nanoTime() + page * LONGEST_DELAY_NANOS / PAGES;
            while (System.nanoTime() < until) {
                Thread.onSpinWait();
            }
            int error = (int) madvise.invokeExact(memory.asSlice(page * DISTANCE, PAGE_BYTES), PAGE_BYTES, MADV_DONTNEED);
            if (error != 0) {
                throw new IllegalStateException("madvise failed");
            }
        }
    }

    private void read() {
        try {
            for (int page = 0; page < PAGES; page++) {
                meeting.await();
                byte found = memory.get(ValueLayout.JAVA_BYTE, page * DISTANCE);
                if (found != CONTENT && found != 0) {
                    System.out.println("wrong " + found + " in page " + page);
                }
            }
        } catch (InterruptedException | BrokenBarrierException e) {
            throw new AssertionError(e);
        }
    }
}
