// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.crac;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.thaw.apps.drive.RunningProcess;
import org.junit.jupiter.api.Test;

/** A Java program finds its objects, monitors, stacks and threads as they were. */
class PortableTest extends CracScenario {
    @Test
    void hashesLoopsMonitorsStacksAndThreadsSurvive() {
        try (RunningProcess app = start("Portable")) {
            checkpointAndEnd(app);
        }
        try (RunningProcess restored = restore()) {
            restored.send("check");
            for (String line : new String[] {"identity hashes are the same", "the loop goes on",
                    "the other thread holds its monitor: true", "the recursion returned 2001000",
                    "102 threads answered"}) {
                assertEquals(line, restored.awaitLine(".*").group());
            }
            restored.send("exit 0");
            restored.mustExit(0);
        }
    }
}
