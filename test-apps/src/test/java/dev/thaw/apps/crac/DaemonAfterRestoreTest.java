// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.crac;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.ThawCommand;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The JVM stays up while callbacks run, also when only daemon threads are left, and ends then as any JVM. */
class DaemonAfterRestoreTest extends CracScenario {
    @Test
    void staysUpWhileCallbacksRunAndEndsThen() {
        try (RunningProcess app = start("OnlyDaemons")) {
            Jcmd.ofThisJdk().checkpoint(app);
            app.mustExit(ThawCommand.CHECKPOINTED);
            assertEquals(List.of("ready", "stopped"), app.output());
        }
        try (RunningProcess restored = restore()) {
            restored.mustExit(0);
            assertEquals(List.of("started again", "recovered by a daemon", "the JVM ends"), restored.output());
        }
    }
}
