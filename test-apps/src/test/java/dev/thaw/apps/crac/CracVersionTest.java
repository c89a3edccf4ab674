// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.crac;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.thaw.apps.drive.Artefacts;
import dev.thaw.apps.drive.Completed;
import org.junit.jupiter.api.Test;

/** Options of checkpoints change nothing of what java -version says, and no folder is made for it. */
class CracVersionTest extends CracScenario {
    @Test
    void javaVersionSaysWhatItSaysWithout() {
        String java = Artefacts.java();
        Completed plain = Completed.run(java, "-version");
        Completed under = Completed.run(java, "-javaagent:" + Artefacts.AGENT + "=to=" + files.resolve("to"), "-version");
        assertEquals(plain, under);
        assertFalse(files.resolve("to").toFile().exists());
    }
}
