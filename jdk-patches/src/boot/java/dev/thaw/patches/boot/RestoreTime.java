// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches.boot;

import java.util.concurrent.TimeUnit;

/** When this process began to run. */
public final class RestoreTime {
    /** Of the last restore: System.currentTimeMillis and nanoTime. */
    private static volatile long[] last;

    private RestoreTime() {}

    /** In a restored process. */
    public static void restored() {
        last = new long[] {System.currentTimeMillis(), System.nanoTime()};
    }

    /** In milliseconds; {@code ofVm} in a process that was not restored. */
    public static long start(long ofVm) {
        long[] restore = last;
        return restore == null ? ofVm : restore[0];
    }

    /** The same. */
    public static long uptime(long ofVm) {
        long[] restore = last;
        return restore == null ? ofVm : TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - restore[1]);
    }
}
