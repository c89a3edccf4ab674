// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.options;

import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.JvmUnderTest;
import org.junit.jupiter.api.Test;

/** -D of a restore: new properties, changed ones, and those that stay (NewPropertyTest, PropertyTest of CRaC). */
class NewPropertiesTest {
    @Test
    void aRestoreAddsAndReplacesPropertiesAndLeavesTheOthers() {
        try (SnapshotDirectory snapshots = SnapshotDirectory.create()) {
            try (RunningProcess app = JvmUnderTest.withAgent(snapshots.path())
                    .options("-Xmx64m", "-XX:+UseSerialGC", "-Dkept=as it was", "-Dchanged=old").start("options.Asking")) {
                app.send("checkpoint");
                app.mustExit(ThawCommand.CHECKPOINTED);
            }
            try (RunningProcess restored = ThawCommand.restore(snapshots.path(), "-Dchanged=new", "-Dadded=a=b",
                    "-Dalone", "-Dtwice=1", "-Dtwice=2")) {
                restored.awaitLine("checkpointRestore returned");
                has(restored, "kept", "as it was");
                has(restored, "changed", "new");
                has(restored, "added", "a=b");
                has(restored, "alone", "");
                has(restored, "twice", "2");
                has(restored, "absent", "null");
            }
        }
    }

    private static void has(RunningProcess restored, String name, String value) {
        restored.send("get " + name);
        restored.awaitLine("property " + value);
    }
}
