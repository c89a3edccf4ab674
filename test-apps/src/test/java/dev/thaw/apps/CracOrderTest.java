// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.Completed;
import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.JvmUnderTest;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** org.crac's rules of order and of errors, with an application that knows nothing but org.crac. */
class CracOrderTest {
    private final SnapshotDirectory snapshots = SnapshotDirectory.create();

    @AfterEach
    void delete() {
        snapshots.close();
    }

    @Test
    void callsInReverseOrderBeforeAndInOrderAfter() {
        try (RunningProcess app = start("first", "second", "third")) {
            Jcmd.ofThisJdk().checkpoint(app);
            app.mustExit(ThawCommand.CHECKPOINTED);
            assertEquals(List.of("ready", "beforeCheckpoint third", "beforeCheckpoint second",
                    "beforeCheckpoint first"), app.output());
        }
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            restored.awaitLine("afterRestore third"); // the thread that reads may run before the callbacks
            restored.send("end");
            restored.mustExit(0);
            assertEquals(List.of("afterRestore first", "afterRestore second", "afterRestore third"),
                    restored.output());
        }
    }

    @Test
    void callsAfterRestoreWhenTheProcessKeepsRunning() {
        try (RunningProcess app = start("first", "second")) {
            Jcmd.ofThisJdk().checkpoint(app, "keep_running=true");
            app.send("end");
            app.mustExit(0);
            assertEquals(List.of("ready", "beforeCheckpoint second", "beforeCheckpoint first",
                    "afterRestore first", "afterRestore second"), app.output());
        }
    }

    @Test
    void returnsFromCheckpointRestoreInTheRestoredProcess() {
        try (RunningProcess app = start("only")) {
            app.send("checkpoint");
            app.awaitLine("beforeCheckpoint only");
            app.mustExit(ThawCommand.CHECKPOINTED);
        }
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            restored.awaitLine("afterRestore only");
            restored.awaitLine("checkpointRestore returned");
            restored.send("checkpoint");
            restored.mustExit(ThawCommand.CHECKPOINTED);
        }
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            restored.awaitLine("afterRestore only");
            restored.awaitLine("checkpointRestore returned");
            restored.send("end");
            restored.mustExit(0);
        }
        assertEquals(List.of("0001", "0002"), snapshots.names());
    }

    @Test
    void tellsEachFailureToJcmdAndRunsOn() {
        try (RunningProcess app = start("first:failing-checkpoint", "second", "third:failing")) {
            Completed reply = Jcmd.ofThisJdk().run(app.pid(), "JDK.checkpoint");
            assertEquals(1, reply.status(), reply.output());
            for (String expected : List.of("CheckpointException", "first refuses the checkpoint",
                    "third refuses the checkpoint", "third refuses the restore")) {
                assertTrue(reply.output().contains(expected), "no '" + expected + "' in:\n" + reply.output());
            }
            app.send("ping");
            app.awaitLine("pong");
            assertEquals(List.of("ready", "beforeCheckpoint third", "beforeCheckpoint second",
                    "beforeCheckpoint first", "afterRestore first", "afterRestore second", "afterRestore third",
                    "pong"), app.output());
            assertEquals(List.of(), snapshots.names());
        }
    }

    @Test
    void throwsEachFailureAsASuppressedOneOfCheckpointException() {
        try (RunningProcess app = start("good", "bad:failing", "worse:failing-checkpoint")) {
            app.send("checkpoint");
            app.awaitLine("suppressed java.lang.IllegalStateException: worse refuses the checkpoint");
            app.awaitLine("suppressed java.lang.IllegalStateException: bad refuses the checkpoint");
            app.awaitLine("suppressed java.io.IOException: bad refuses the restore");
            app.awaitLine("caught CheckpointException with 3 suppressed");
            app.send("ping");
            app.awaitLine("pong");
        }
    }

    @Test
    void throwsRestoreExceptionInTheRestoredProcess() {
        try (RunningProcess app = start("good", "bad:failing-restore")) {
            app.send("checkpoint");
            app.mustExit(ThawCommand.CHECKPOINTED);
        }
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            restored.awaitLine("afterRestore good");
            restored.awaitLine("afterRestore bad");
            restored.awaitLine("suppressed java.io.IOException: bad refuses the restore");
            restored.awaitLine("caught RestoreException with 1 suppressed");
            restored.send("ping");
            restored.awaitLine("pong");
        }
    }

    private RunningProcess start(String... resources) {
        RunningProcess app = JvmUnderTest.withAgent(snapshots.path()).start("CracResources", resources);
        app.awaitLine("ready");
        return app;
    }
}
