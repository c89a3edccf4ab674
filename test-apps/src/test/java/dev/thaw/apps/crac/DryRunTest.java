// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.crac;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.Peer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When a callback refuses, what is open is told as well, and no snapshot comes of it. */
class DryRunTest extends CracScenario {
    @Test
    void tellsTheReasonsOfCallbacksAndOfOpenThingsAtOnce() {
        Path file = files.resolve("written");
        try (Peer peer = new Peer();
                RunningProcess app = start("Hindrances", file.toString(), Integer.toString(peer.port()))) {
            app.send("checkpoint");
            app.awaitLine("java.lang.IllegalStateException: refuses the checkpoint");
            assertOpenThingsAreTold(app, file, peer);
            app.awaitLine("java.lang.IllegalStateException: refuses the restore");
            app.awaitLine("caught jdk.crac.CheckpointException");
            app.send("yield");
            app.send("checkpoint");
            assertOpenThingsAreTold(app, file, peer);
            app.awaitLine("caught jdk.crac.CheckpointException");
            assertEquals(List.of(), snapshots.names());
            app.send("close");
            app.send("checkpoint");
            app.mustExit(ThawCommand.CHECKPOINTED);
        }
        try (RunningProcess restored = restore()) {
            restored.awaitLine("returned");
        }
    }

    private static void assertOpenThingsAreTold(RunningProcess app, Path file, Peer peer) {
        app.awaitLine("jdk.crac.impl.CheckpointOpenFileException: .*" + file + ".*");
        app.awaitLine("jdk.crac.impl.CheckpointOpenSocketException: .*127.0.0.1:" + peer.port() + ".*");
    }
}
