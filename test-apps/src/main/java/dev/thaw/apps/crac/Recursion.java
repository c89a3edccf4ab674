// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.crac;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import jdk.crac.CheckpointException;
import jdk.crac.Context;
import jdk.crac.Core;
import jdk.crac.Resource;
import jdk.crac.RestoreException;

/**
 * Asks for a checkpoint from within a checkpoint, and from many threads at once.
 *
 * <p>Commands: {@code recursive}; {@code parallel N}; {@code hold}: the next checkpoint waits for {@code release}. It must be
 * told to keep running.
 */
public final class Recursion implements Resource {
    private final AtomicInteger inside = new AtomicInteger();
    private boolean recursive;
    private volatile CountDownLatch released = new CountDownLatch(0);

    private Recursion() {}

    public static void main(String[] args) throws Exception {
        Recursion recursion = new Recursion();
        Core.getGlobalContext().register(recursion);
        Commands.readAll((command, value) -> {
            switch (command) {
                case "recursive" -> recursion.recurse();
                case "parallel" -> parallel(Integer.parseInt(value));
                case "hold" -> recursion.released = new CountDownLatch(1);
                case "release" -> recursion.released.countDown();
                default -> throw new IllegalArgumentException(command);
            }
            System.out.println("done " + command);
        });
    }

    private void recurse() {
        recursive = true;
        checkpoint("outer");
        recursive = false;
    }

    private static void parallel(int count) throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int number = i;
            threads.add(Thread.ofPlatform().start(() -> checkpoint("thread " + number)));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        System.out.println("all threads returned");
    }

    private static void checkpoint(String who) {
        try {
            Core.checkpointRestore();
            System.out.println(who + " returned");
        } catch (CheckpointException | RestoreException e) {
            System.out.println(who + " " + e.getClass().getSimpleName() + " " + List.of(e.getSuppressed()));
        }
    }

    @Override
    public void beforeCheckpoint(Context<? extends Resource> context) throws InterruptedException {
        if (inside.incrementAndGet() != 1) {
            System.out.println("two checkpoints at once");
        }
        System.out.println("in beforeCheckpoint");
        released.await();
        if (recursive) {
            checkpoint("in beforeCheckpoint");
        }
    }

    @Override
    public void afterRestore(Context<? extends Resource> context) {
        inside.decrementAndGet();
        if (recursive) {
            checkpoint("in afterRestore");
        }
    }
}
