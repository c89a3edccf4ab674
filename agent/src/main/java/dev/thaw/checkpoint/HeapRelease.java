// SPDX-License-Identifier: Apache-2.0
package dev.thaw.checkpoint;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryUsage;

/**
 * The collections before a full snapshot. Memory of dead objects has content, too: what is free goes back to the system,
 * and of the eden of Serial and Parallel, which cannot, what was ever used is filled with zeros, which are not stored.
 * The second collection empties eden again and makes the heap as large as its flags allow, by memory that was never
 * used: a restored process shall not begin with a collection.
 */
final class HeapRelease {
    /** What stays free at first, */
    private static final int FREE_PERCENT = 10;
    /** and then: HotSpot's MaxHeapFreeRatio, which is 100 with Parallel. */
    private static final int MOST_FREE_PERCENT = 70;
    private static final String MIN_FREE = "MinHeapFreeRatio";
    private static final String MAX_FREE = "MaxHeapFreeRatio";
    private static final int ZEROS_BYTES = 256 << 10;

    /** Keeps the compiler from removing allocations. */
    private static volatile byte[] zeros;

    private HeapRelease() {}

    static void collect() {
        HotSpotDiagnosticMXBean flags;
        try {
            flags = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        } catch (LinkageError | IllegalArgumentException e) {
            System.gc(); // a JDK without jdk.management
            return;
        }
        String smallest = flags.getVMOption(MIN_FREE).getValue();
        String largest = flags.getVMOption(MAX_FREE).getValue();
        try {
            if (Integer.parseInt(largest) > FREE_PERCENT) {
                flags.setVMOption(MIN_FREE, "0"); // HotSpot wants it never above the other
                flags.setVMOption(MAX_FREE, Integer.toString(FREE_PERCENT));
            }
            System.gc();
            flags.setVMOption(MAX_FREE, largest);
            flags.setVMOption(MIN_FREE, Integer.toString(Math.min(Integer.parseInt(largest), MOST_FREE_PERCENT)));
            emptyEden();
        } finally {
            flags.setVMOption(MAX_FREE, largest);
            flags.setVMOption(MIN_FREE, smallest);
        }
    }

    /** Of the collectors that heed those flags. */
    private static void emptyEden() {
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            switch (pool.getName()) {
                case "Eden Space", "PS Eden Space" -> {
                    fill(pool);
                    System.gc();
                }
                case "G1 Eden Space" -> System.gc();
                default -> { }
            }
        }
    }

    /** Up to where it was ever used: what was never touched is not made resident. */
    private static void fill(MemoryPoolMXBean eden) {
        MemoryUsage now = eden.getUsage();
        long bytes = Math.min(eden.getPeakUsage().getUsed(), now.getCommitted()) - now.getUsed() - ZEROS_BYTES;
        for (long done = 0; done < bytes; done += ZEROS_BYTES) {
            zeros = new byte[ZEROS_BYTES];
        }
        zeros = null;
    }
}
