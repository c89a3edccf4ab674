// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.crac;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.Completed;
import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A thread that cannot be stopped ends the checkpoint in time, by name, and the application runs on. */
class CracTimeoutTest extends CracScenario {
    @Test
    void aThreadThatDoesNotStopIsNamedAndTheApplicationRunsOn() {
        try (RunningProcess app = ready(jvm("quiesce_timeout=0.5").options("--enable-native-access=ALL-UNNAMED")
                .start("crac.BlockedSignals"))) {
            Completed reply = Jcmd.ofThisJdk().run(app.pid(), "JDK.checkpoint");
            assertEquals(1, reply.status(), reply.output());
            assertTrue(reply.output().matches("(?s).*thread 'deaf' \\(tid [0-9]+\\) did not park in time.*"),
                    reply.output());
            assertEquals(List.of(), snapshots.names());
            app.send("unblock");
            app.awaitLine("unblocked");
            checkpointAndEnd(app);
        }
        try (RunningProcess restored = restore()) {
            restored.send("ping");
            restored.awaitLine("pong");
        }
    }
}
