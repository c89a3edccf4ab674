// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.crac;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.CountDownLatch;

/** A thread that blocks all signals, as native code may, until the command {@code unblock}: it cannot be stopped. */
public final class BlockedSignals {
    private static final int SIG_BLOCK = 0;
    private static final int SIG_UNBLOCK = 1;
    private static final int MASK_BYTES = 128;

    private BlockedSignals() {}

    public static void main(String[] args) throws Exception {
        CountDownLatch blocked = new CountDownLatch(1);
        CountDownLatch unblock = new CountDownLatch(1);
        CountDownLatch unblocked = new CountDownLatch(1);
        Thread.ofPlatform().name("deaf").daemon().start(() -> {
            mask(SIG_BLOCK);
            blocked.countDown();
            await(unblock);
            mask(SIG_UNBLOCK);
            unblocked.countDown();
        });
        blocked.await();
        Commands.readAll((command, value) -> {
            unblock.countDown();
            unblocked.await();
            System.out.println("unblocked");
        });
    }

    @SuppressWarnings("restricted")
    private static void mask(int how) {
        Linker linker = Linker.nativeLinker();
        MethodHandle pthreadSigmask = linker.downcallHandle(
                linker.defaultLookup().find("pthread_sigmask").orElseThrow(), FunctionDescriptor.of(ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment all = arena.allocate(MASK_BYTES, Long.BYTES);
            all.fill((byte) 0xff);
            int error = (int) pthreadSigmask.invokeExact(how, all, MemorySegment.NULL);
            if (error != 0) {
                throw new IllegalStateException("pthread_sigmask: " + error);
            }
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
