// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.crac;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.Completed;
import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.harness.JvmUnderTest;
import java.util.List;
import org.junit.jupiter.api.Test;

/** ZGC's heap is a shared memory file, which a snapshot cannot carry. */
class ZGCTest extends CracScenario {
    @Test
    void isRefusedByNameAndTheApplicationRunsOn() {
        try (RunningProcess app = ready(JvmUnderTest.withAgent(snapshots.path()).options("-XX:+UseZGC", "-Xmx64m")
                .start("crac.Generations"))) {
            Completed reply = Jcmd.ofThisJdk().run(app.pid(), "JDK.checkpoint");
            assertEquals(1, reply.status(), reply.output());
            assertTrue(reply.output().contains("memfd:java_heap"), reply.output());
            assertEquals(List.of(), snapshots.names());
            app.send("ping");
            app.awaitLine("pong");
        }
    }
}
