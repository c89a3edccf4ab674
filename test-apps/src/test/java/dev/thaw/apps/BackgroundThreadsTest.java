// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.JvmUnderTest;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HotSpot's own threads start later than the others; but they do. */
class BackgroundThreadsTest {
    @ParameterizedTest
    @ValueSource(strings = {"-Dthaw.prefetch=on", "-Dthaw.prefetch=off", "-Dthaw.lazy=off"})
    void theCompilersWorkAgain(String option) {
        try (SnapshotDirectory snapshots = SnapshotDirectory.create();
                RunningProcess original = JvmUnderTest.withAgent(snapshots.path()).start("HotLoop")) {
            original.awaitLine("ready");
            Jcmd.ofThisJdk().checkpoint(original);
            original.mustExit(ThawCommand.CHECKPOINTED);
            for (int restore = 0; restore < 3; restore++) {
                try (RunningProcess restored = ThawCommand.restore(snapshots.path(), option)) {
                    restored.send("go");
                    restored.awaitLine("compiled");
                }
            }
        }
    }
}
