// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.crac;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.thaw.apps.drive.RunningProcess;
import org.junit.jupiter.api.Test;

/** A checkpoint within a checkpoint is refused; requests of other threads wait for their turn. */
class RecursiveCheckpointTest extends CracScenario {
    private static final int PARALLEL = 4;

    @Test
    void recursionIsRefusedAndParallelRequestsWait() {
        try (RunningProcess app = ready(jvm("keep_running=true").start("crac.Recursion"))) {
            String refused = " CheckpointException \\[java.lang.IllegalStateException: Recursive checkpoint is not allowed\\]";
            app.send("recursive");
            app.awaitLine("in beforeCheckpoint" + refused);
            app.awaitLine("in afterRestore" + refused);
            app.awaitLine("outer returned");
            assertEquals(1, snapshots.numbers().size());
            app.send("parallel " + PARALLEL);
            for (int i = 0; i < PARALLEL; i++) {
                app.awaitLine("thread [0-9] returned");
            }
            app.awaitLine("all threads returned");
            assertFalse(app.output().contains("two checkpoints at once"), app.output().toString());
            assertEquals(1 + PARALLEL, snapshots.numbers().size());
        }
    }
}
