// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.options;

import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.JvmUnderTest;
import org.junit.jupiter.api.Test;

/** A new main class runs only when all of the restore went well. */
class FailedCheckpointRestoreTest {
    @Test
    void noNewMainRunsWhenAResourceCouldNotRecover() {
        try (SnapshotDirectory snapshots = SnapshotDirectory.create()) {
            try (RunningProcess app = JvmUnderTest.withAgent(snapshots.path()).options("-Xmx64m", "-XX:+UseSerialGC")
                    .start("options.Asking")) {
                app.send("failing");
                app.awaitLine("registered 1");
                app.send("checkpoint");
                app.mustExit(ThawCommand.CHECKPOINTED);
            }
            try (RunningProcess restored = ThawCommand.restore(snapshots.path(), "--",
                    "dev.thaw.apps.options.NewMain", "exit", "9")) {
                restored.awaitLine("RestoreException: cannot recover");
                restored.send("end");
                restored.mustExit(0);
                assertFalse(restored.output().toString().contains("new main"), restored.output().toString());
            }
        }
    }
}
