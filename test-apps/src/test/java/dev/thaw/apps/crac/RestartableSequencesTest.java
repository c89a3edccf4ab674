// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.crac;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.thaw.apps.drive.RunningProcess;
import org.junit.jupiter.api.Test;

/** glibc's rseq areas are the kernel's again in the restored process, with no tunable set. */
class RestartableSequencesTest extends CracScenario {
    @Test
    void aRestoredThreadHasItsAreaRegistered() {
        try (RunningProcess app = ready(jvm().options("--enable-native-access=ALL-UNNAMED")
                .start("crac.RestartableSequences"))) {
            app.send("ask");
            assumeTrue(app.awaitLine("rseq (.*)").group(1).equals("registered"), "glibc registered none");
            checkpointAndEnd(app);
        }
        try (RunningProcess restored = restore()) {
            restored.send("ask");
            restored.awaitLine("rseq registered");
        }
    }
}
