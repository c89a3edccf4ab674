// SPDX-License-Identifier: Apache-2.0
package dev.thaw.checkpoint;

import jdk.crac.RestoreException;

/**
 * A snapshot was written.
 *
 * @param restored whether this is the process restored from it
 * @param report on the snapshot, in the process that wrote it and runs on; else null
 * @param restoreFailure what went wrong after it, with the reasons as suppressed exceptions; null: nothing
 */
public record CheckpointResult(boolean restored, String report, RestoreException restoreFailure) {
    /** What the restored process returns is made before: it should have no class to load. */
    static final CheckpointResult RESTORED = new CheckpointResult(true, null, null);
}
