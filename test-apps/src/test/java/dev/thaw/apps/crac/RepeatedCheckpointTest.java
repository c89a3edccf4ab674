// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.crac;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A restored process is checkpointed again, ten times in a row, into the same folder or each time into another. */
class RepeatedCheckpointTest extends CracScenario {
    private static final int GENERATIONS = 10;

    @Test
    void tenGenerationsInOneFolderByTheApplicationItself() {
        RunningProcess app = start("Generations");
        try {
            for (int generation = 1; generation <= GENERATIONS; generation++) {
                app.send("checkpoint");
                app.mustExit(ThawCommand.CHECKPOINTED);
                app = restore();
                app.awaitLine("returned " + generation);
            }
            app.send("history");
            app.awaitLine("history " + history().replace("[", "\\[").replace("]", "\\]"));
        } finally {
            app.close();
        }
        assertEquals(IntStream.rangeClosed(1, GENERATIONS).boxed().toList(), snapshots.numbers());
        try (RunningProcess earlier = ThawCommand.restore(snapshots.snapshot(3))) {
            earlier.awaitLine("returned 3");
        }
    }

    @Test
    void tenGenerationsEachInAFolderOfItsOwn() {
        SnapshotDirectory others = SnapshotDirectory.create();
        RunningProcess app = start("Generations");
        try {
            app.send("checkpoint");
            app.mustExit(ThawCommand.CHECKPOINTED);
            app = restore("-Dthaw.to=" + others.path().resolve("2"));
            for (int generation = 2; generation <= GENERATIONS; generation++) {
                app.awaitLine("returned " + (generation - 1));
                app.send("checkpoint");
                app.mustExit(ThawCommand.CHECKPOINTED);
                app = ThawCommand.restore(others.path().resolve(Integer.toString(generation)),
                        "-Dthaw.to=" + others.path().resolve(Integer.toString(generation + 1)));
            }
            app.awaitLine("returned " + GENERATIONS);
            assertEquals(IntStream.rangeClosed(2, GENERATIONS).mapToObj(Integer::toString).sorted().toList(),
                    others.names());
        } finally {
            app.close();
            others.close();
        }
    }

    @Test
    void tenSnapshotsOfAProcessThatKeepsRunning() {
        try (RunningProcess app = start("Generations")) {
            for (int i = 0; i < GENERATIONS; i++) {
                Jcmd.ofThisJdk().checkpoint(app, "keep_running=true");
                app.send("ping");
                app.awaitLine("pong");
            }
        }
        assertEquals(GENERATIONS, snapshots.numbers().size());
        for (int number : new int[] {1, GENERATIONS / 2, GENERATIONS}) {
            try (RunningProcess restored = ThawCommand.restore(snapshots.snapshot(number))) {
                restored.send("ping");
                restored.awaitLine("pong");
            }
        }
    }

    private static String history() {
        return IntStream.rangeClosed(1, GENERATIONS).boxed().toList().toString();
    }
}
