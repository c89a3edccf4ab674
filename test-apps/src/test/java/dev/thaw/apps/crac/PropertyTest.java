// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.crac;

import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.ThawCommand;
import org.junit.jupiter.api.Test;

/** Properties of the start are kept, those of the restore come over them, before the application goes on. */
class PropertyTest extends CracScenario {
    @Test
    void thoseOfTheStartStayAndThoseOfTheRestoreAreNewOrReplaceThem() {
        try (RunningProcess app = ready(jvm().options("-Dkept=start", "-Dreplaced=start", "-Dlazy.number=1")
                .start("crac.Generations"))) {
            app.send("checkpoint");
            app.mustExit(ThawCommand.CHECKPOINTED);
        }
        try (RunningProcess restored = restore("-Dreplaced=restore", "-Dnew=restore", "-Dlazy.number=2")) {
            restored.awaitLine("returned 1");
            for (String[] expected : new String[][] {
                    {"kept", "start"}, {"replaced", "restore"}, {"new", "restore"}, {"absent", "null"}}) {
                restored.send("property " + expected[0]);
                restored.awaitLine("property " + expected[1]);
            }
            restored.send("lazy");
            restored.awaitLine("lazy 2");
        }
        try (RunningProcess restored = restore()) {
            restored.awaitLine("returned 1");
            restored.send("property replaced");
            restored.awaitLine("property start");
            restored.send("lazy");
            restored.awaitLine("lazy 1");
        }
    }
}
