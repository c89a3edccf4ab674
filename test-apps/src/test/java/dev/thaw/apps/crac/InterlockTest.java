// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.crac;

import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import org.junit.jupiter.api.Test;

/** Threads that draw random numbers all the time deadlock neither with a checkpoint nor with a restore. */
class InterlockTest extends CracScenario {
    @Test
    void threadsThatDrawAllTheTimeGetOn() {
        try (RunningProcess app = start("SecureRandoms")) {
            for (int i = 0; i < 2; i++) {
                Jcmd.ofThisJdk().checkpoint(app, "keep_running=true");
                app.send("progress");
                app.awaitLine("all got on");
            }
            checkpointAndEnd(app);
        }
        try (RunningProcess restored = restore()) {
            restored.send("progress");
            restored.awaitLine("all got on");
            checkpointAndEnd(restored);
        }
        try (RunningProcess restored = restore()) {
            restored.send("progress");
            restored.awaitLine("all got on");
        }
    }
}
