// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.crac;

import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import org.junit.jupiter.api.Test;

/** A lock that callbacks take keeps checkpoints out of critical sections. */
class CriticalSectionTest extends CracScenario {
    @Test
    void noCheckpointCatchesAThreadInsideOne() {
        try (RunningProcess app = start("CriticalSections")) {
            for (int i = 0; i < 3; i++) {
                Jcmd.ofThisJdk().checkpoint(app, "keep_running=true");
                app.awaitLine("before: nobody inside");
                app.awaitLine("after: nobody inside");
                app.send("tell");
                app.awaitLine("the threads go on");
            }
        }
        try (RunningProcess restored = restore()) {
            restored.awaitLine("after: nobody inside");
            restored.send("tell");
            restored.awaitLine("the threads go on");
        }
    }
}
