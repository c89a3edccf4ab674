// SPDX-License-Identifier: Apache-2.0
package dev.thaw.checkpoint;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;

/**
 * G1's young collection before a delta. All that was allocated since the last snapshot has dirtied its page, and most
 * of it is dead. Nobody can ask for this collection: eden is filled until it comes. What it frees keeps its content, and
 * G1 hands the same regions out again; so as much as was dead is filled with zeros, which are not stored.
 *
 * <p>Other collectors' young collections move what lives far and wide, and dirty more than they save.
 */
final class YoungRelease {
    /** Of less there is not much to save; more takes longer to fill than its pages to write. */
    private static final long LEAST_BYTES = 4L << 20;
    private static final long MOST_BYTES = 256L << 20;
    /** With its header a part of a region, whose size is 1 MB times a power of two. */
    private static final int ZEROS_BYTES = (256 << 10) - 16;

    /** Keeps the compiler from removing allocations. */
    private static volatile byte[] zeros;

    /** At the last snapshot, -1: not known; a collection since has left what was dead in free regions. */
    private static long collectionsBefore = -1;

    private YoungRelease() {}

    /** To be called when all that is free is given back: before a full snapshot. */
    static void remember() {
        GarbageCollectorMXBean collector = collector();
        collectionsBefore = collector == null ? -1 : collector.getCollectionCount();
    }

    static void collect() {
        GarbageCollectorMXBean collector = collector();
        if (collector == null) {
            return;
        }
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            if (pool.getName().equals("G1 Eden Space")) {
                collect(collector, pool);
            }
        }
    }

    private static GarbageCollectorMXBean collector() {
        for (GarbageCollectorMXBean bean : ManagementFactory.getGarbageCollectorMXBeans()) {
            if (bean.getName().equals("G1 Young Generation")) {
                return bean;
            }
        }
        return null;
    }

    private static void collect(GarbageCollectorMXBean collector, MemoryPoolMXBean eden) {
        long used = eden.getUsage().getUsed();
        long committed = eden.getUsage().getCommitted();
        boolean edenWasFull = collectionsBefore >= 0 && collector.getCollectionCount() != collectionsBefore;
        if ((used >= LEAST_BYTES || edenWasFull) && committed <= MOST_BYTES && fill(collector, MOST_BYTES)) {
            fill(collector, edenWasFull ? committed : used);
        }
        collectionsBefore = collector.getCollectionCount();
    }

    /** Up to so many bytes, or until a collection; true: it came. */
    private static boolean fill(GarbageCollectorMXBean collector, long bytes) {
        long before = collector.getCollectionCount();
        for (long done = 0; done < bytes; done += ZEROS_BYTES) {
            zeros = new byte[ZEROS_BYTES];
            if (collector.getCollectionCount() != before) {
                return true;
            }
        }
        return false;
    }
}
