// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.crac;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.thaw.apps.drive.RunningProcess;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The launcher becomes the JVM: who kills the one has killed the other, and its status is the status. */
class KillRestoredTest extends CracScenario {
    private static final int KILLED = 137;

    @Test
    void killingTheLauncherLeavesNoProcessBehind() {
        try (RunningProcess app = start("Generations")) {
            checkpointAndEnd(app);
        }
        try (RunningProcess restored = restore()) {
            restored.send("ping");
            restored.awaitLine("pong");
            ProcessHandle jvm = ProcessHandle.of(restored.pid()).orElseThrow();
            assertEquals(List.of(), jvm.descendants().toList());
            restored.signal("KILL");
            restored.mustExit(KILLED);
            assertFalse(jvm.isAlive(), "still alive");
        }
        try (RunningProcess restored = restore()) {
            restored.send("exit 42");
            restored.mustExit(42);
        }
    }
}
