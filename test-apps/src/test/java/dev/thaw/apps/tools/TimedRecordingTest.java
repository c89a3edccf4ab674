// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.tools;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.JvmUnderTest;
import dev.thaw.apps.harness.Lifecycle;
import org.junit.jupiter.api.Test;

/** A recording of JFR that is to last so many seconds lasts as many in the restored process, where it begins anew. */
class TimedRecordingTest {
    private static final int SECONDS = 15;

    @Test
    void endsByItselfAfterItsWholeTime() {
        try (SnapshotDirectory snapshots = SnapshotDirectory.create()) {
            try (RunningProcess app = JvmUnderTest.withAgent(snapshots.path()).start("tools.FlightRecorded")) {
                app.send("timed " + SECONDS);
                app.awaitLine("done timed .*");
                Lifecycle.checkpoint(app);
                assumeTrue(app.output().stream().noneMatch(line -> line.startsWith("recorded")), "the checkpoint took so long");
            }
            try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
                long millis = Long.parseLong(restored.awaitLine("recorded for (.*) ms").group(1));
                assertTrue(millis >= SECONDS * 1000 - 1, millis + " ms"); // a timer leaves out what is less than 1 ms
            }
        }
    }
}
