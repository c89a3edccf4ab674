// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

/** A change of the JDK that is in place. */
public interface Patch {
    /** The simple name of the patched class; {@code -Dthaw.patch.<name>=off} leaves it out. */
    String name();

    /** Before each checkpoint, after the application's callbacks and the garbage collection, if there is one. */
    default void beforeCheckpoint() {}

    /** In the restored process, before the application runs: cheap, touches few pages. */
    void afterRestore(long oldPid, long newPid);
}
