// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches.boot;

/**
 * What ProcessHandleImpl's fields mean. A handle of this process stores the pid that it had when the patch was
 * installed, for ever: handles older than the patch do so already, and compiled code may have folded it. So that
 * value, when read, stands for the present pid; another process that happens to have it is stored as a
 * value that is no pid.
 */
public final class CurrentPid {
    private static final long OTHER_WITH_STORED_PID = Long.MIN_VALUE;

    private static long storedPid;
    private static volatile long pid;
    private static volatile long startTime;

    private CurrentPid() {}

    /** Before the patch is installed. */
    public static void start(long pidNow, long startTimeNow) {
        storedPid = pidNow;
        become(pidNow, startTimeNow);
    }

    /** In a restored process. */
    public static void become(long pidNow, long startTimeNow) {
        startTime = startTimeNow;
        pid = pidNow;
    }

    /** What a new handle stores. */
    public static long store(long pidOfHandle) {
        if (pidOfHandle == pid) {
            return storedPid;
        }
        return pidOfHandle == storedPid ? OTHER_WITH_STORED_PID : pidOfHandle;
    }

    /** What a handle's stored pid stands for. */
    public static long pid(long stored) {
        if (stored == storedPid) {
            return pid;
        }
        return stored == OTHER_WITH_STORED_PID ? storedPid : stored;
    }

    /** What a handle's stored start time stands for. */
    public static long startTime(long stored, long storedPidOfHandle) {
        return storedPidOfHandle == storedPid ? startTime : stored;
    }
}
