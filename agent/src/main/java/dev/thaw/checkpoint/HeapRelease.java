// SPDX-License-Identifier: Apache-2.0
package dev.thaw.checkpoint;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryUsage;

/**
 * A collection before a full snapshot. Memory of dead objects has content, too: what is free goes back to the system,
 * and of the eden of Serial and Parallel, which cannot, what was ever used is filled with zeros, which are not stored.
 */
final class HeapRelease {
    /** What stays free, so that a restored process does not have to collect at once. */
    private static final int FREE_PERCENT = 10;
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
        collect(flags);
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            if (pool.getName().equals("Eden Space") || pool.getName().equals("PS Eden Space")) {
                fill(pool);
            }
        }
    }

    /** HotSpot wants the smaller one never above the other. */
    private static void collect(HotSpotDiagnosticMXBean flags) {
        String smallest = flags.getVMOption("MinHeapFreeRatio").getValue();
        String largest = flags.getVMOption("MaxHeapFreeRatio").getValue();
        try {
            if (Integer.parseInt(largest) > FREE_PERCENT) {
                flags.setVMOption("MinHeapFreeRatio", "0");
                flags.setVMOption("MaxHeapFreeRatio", Integer.toString(FREE_PERCENT));
            }
            System.gc();
        } finally {
            flags.setVMOption("MaxHeapFreeRatio", largest);
            flags.setVMOption("MinHeapFreeRatio", smallest);
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
