// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches.boot;

import java.util.function.LongSupplier;
import java.util.function.LongUnaryOperator;

/**
 * What ProcessHandleImpl's fields mean. A handle of this process stores the pid that it had when the patch was
 * installed, for ever: handles older than the patch do so already, and compiled code may have folded it. So that
 * value, when read, stands for the present pid; another process that happens to have it is stored as a
 * value that is no pid.
 */
public final class CurrentPid {
    private static final long OTHER_WITH_STORED_PID = Long.MIN_VALUE;

    private static long storedPid;
    private static LongSupplier pidNow;
    private static LongUnaryOperator startTimeOf;
    /** A pid, and when the process with it began. */
    private static volatile long[] start;

    private CurrentPid() {}

    /**
     * Before the patch is installed.
     *
     * @param now       right from the first instruction of a restored process on: its threads do not wait for us
     * @param startTime of the process with a pid
     */
    public static void install(LongSupplier now, LongUnaryOperator startTime) {
        pidNow = now;
        startTimeOf = startTime;
        storedPid = now.getAsLong();
        refresh();
    }

    /** In a restored process: it may have the same pid, but began later. Who asks next finds out when. */
    public static void forget() {
        start = new long[] {0, 0};
    }

    private static long refresh() {
        long pid = pidNow.getAsLong();
        long[] known = {pid, startTimeOf.applyAsLong(pid)};
        start = known;
        return known[1];
    }

    /** What a new handle stores. */
    public static long store(long pidOfHandle) {
        if (pidOfHandle == pidNow.getAsLong()) {
            return storedPid;
        }
        return pidOfHandle == storedPid ? OTHER_WITH_STORED_PID : pidOfHandle;
    }

    /** What a handle's stored pid stands for. */
    public static long pid(long stored) {
        if (stored == storedPid) {
            return pidNow.getAsLong();
        }
        return stored == OTHER_WITH_STORED_PID ? storedPid : stored;
    }

    /** What a handle's stored start time stands for. */
    public static long startTime(long stored, long storedPidOfHandle) {
        if (storedPidOfHandle != storedPid) {
            return stored;
        }
        long[] known = start;
        return known[0] == pidNow.getAsLong() ? known[1] : refresh();
    }
}
