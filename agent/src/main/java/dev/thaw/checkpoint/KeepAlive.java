// SPDX-License-Identifier: Apache-2.0
package dev.thaw.checkpoint;

import java.util.concurrent.CountDownLatch;

/**
 * Holds the JVM up while a checkpoint is under way: a beforeCheckpoint callback may end the last thread that is not a
 * daemon, as a server does that stops, and afterRestore start it again.
 */
final class KeepAlive implements AutoCloseable {
    private final CountDownLatch end = new CountDownLatch(1);

    KeepAlive() {
        Thread thread = new Thread(null, this::await, "thaw-keep-alive", 0, false);
        thread.setDaemon(false);
        thread.start();
    }

    private void await() {
        boolean ended = false;
        while (!ended) {
            try {
                end.await();
                ended = true;
            } catch (InterruptedException e) {
                // by whom ever: only close() ends it
            }
        }
    }

    @Override
    public void close() {
        end.countDown();
    }
}
