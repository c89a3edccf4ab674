// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.crac;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.harness.Collector;
import dev.thaw.apps.harness.JvmUnderTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** After a restore the end of the Java heap is what it always is. */
class ContainerOOMETest extends CracScenario {
    private static final int EXIT_ON_OOM = 3;

    @ParameterizedTest
    @EnumSource(Collector.class)
    void outOfMemoryIsThrownAndSurvived(Collector collector) {
        try (RunningProcess app = ready(JvmUnderTest.withAgent(snapshots.path())
                .options(collector.flag(), "-Xmx64m").start("crac.Generations"))) {
            app.send("fill 8");
            app.awaitLine("filled 8");
            checkpointAndEnd(app);
        }
        try (RunningProcess restored = restore()) {
            for (int i = 0; i < 2; i++) {
                restored.send("fill 1000");
                int reached = Integer.parseInt(restored.awaitLine("out of memory after ([0-9]+)").group(1));
                assertTrue(reached > 16 && reached < 64, reached + " MB of 64");
            }
        }
    }

    @Test
    void exitOnOutOfMemoryErrorEndsTheRestoredProcess() {
        try (RunningProcess app = ready(jvm().options("-XX:+ExitOnOutOfMemoryError").start("crac.Generations"))) {
            checkpointAndEnd(app);
        }
        try (RunningProcess restored = restore()) {
            restored.send("fill 1000");
            restored.mustExit(EXIT_ON_OOM);
        }
    }
}
