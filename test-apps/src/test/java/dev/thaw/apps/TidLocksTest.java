// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.CheckpointReply;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.JvmUnderTest;
import dev.thaw.apps.harness.Lifecycle;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A restored thread has another tid, so it must not have been stored while it owned a lock that knows its owner by it. */
class TidLocksTest {
    private static final int RESTORES = 5;

    @TempDir
    private Path folder;

    /** Without waiting for the locks few of these processes get on. */
    @Test
    void nothingIsStoredWhileALibraryIsLoadedOrHotSpotPrints() {
        int retries = 0;
        try (SnapshotDirectory snapshots = SnapshotDirectory.create()) {
            RunningProcess app = JvmUnderTest.withAgent(snapshots.path()).options("--enable-native-access=ALL-UNNAMED",
                    "-XX:TieredStopAtLevel=1", "-XX:+UnlockDiagnosticVMOptions", "-XX:+PrintNMethods", "-XX:-DisplayVMOutput",
                    "-XX:+LogVMOutput", "-XX:LogFile=" + folder.resolve("vm.log")).start("TidLocks", "mlib_image");
            for (int i = 0; i < RESTORES; i++) {
                try (RunningProcess before = app) {
                    goesOn(before);
                    CheckpointReply reply = Lifecycle.checkpoint(before);
                    retries += reply.quiesceRetries();
                }
                app = ThawCommand.restore(snapshots.path());
            }
            try (RunningProcess last = app) {
                goesOn(last);
                Lifecycle.mustEndCleanly(last);
            }
        }
        assertTrue(retries > 0, "no lock was ever held");
    }

    private static void goesOn(RunningProcess app) {
        app.send("go on");
        app.awaitLine("went on");
    }
}
