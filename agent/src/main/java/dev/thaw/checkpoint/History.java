// SPDX-License-Identifier: Apache-2.0
package dev.thaw.checkpoint;

/** Of this JVM, through all its restores. */
final class History {
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final long startMillis;
    private volatile int generation = 1;
    /** -1 before the first restore. */
    private volatile long restoreMillis = -1;
    private volatile long restoreNanos;

    History(long startMillis) {
        this.startMillis = startMillis;
    }

    long startMillis() {
        return startMillis;
    }

    /** 1 before the first checkpoint, 2 after it, in this process or in a restored one. */
    int generation() {
        return generation;
    }

    /** Epoch milliseconds when the last restore began, or -1. */
    long restoreMillis() {
        return restoreMillis;
    }

    long millisSinceRestore() {
        return restoreMillis < 0 ? -1 : (System.nanoTime() - restoreNanos) / NANOS_PER_MILLI;
    }

    /** @param startNanos System.nanoTime() when the restore began */
    void restored(long startNanos) {
        restoreNanos = startNanos;
        restoreMillis = System.currentTimeMillis() - (System.nanoTime() - startNanos) / NANOS_PER_MILLI;
    }

    void checkpointed() {
        generation++;
    }
}
