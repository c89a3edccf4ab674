// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.crac;

import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.JvmUnderTest;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** Start, checkpoint, restore: what most tests of this package do. */
abstract class CracScenario {
    final SnapshotDirectory snapshots = SnapshotDirectory.create();

    @TempDir
    Path files;

    @AfterEach
    void deleteSnapshots() {
        snapshots.close();
    }

    JvmUnderTest jvm(String... agentOptions) {
        return JvmUnderTest.withAgent(snapshots.path(), agentOptions).options("-XX:+UseSerialGC", "-Xmx128m");
    }

    RunningProcess start(String application, String... arguments) {
        return ready(jvm().start("crac." + application, arguments));
    }

    static RunningProcess ready(RunningProcess app) {
        app.awaitLine("ready");
        return app;
    }

    static void checkpointAndEnd(RunningProcess app) {
        Jcmd.ofThisJdk().checkpoint(app);
        app.mustExit(ThawCommand.CHECKPOINTED);
    }

    RunningProcess restore(String... options) {
        return ThawCommand.restore(snapshots.path(), options);
    }
}
