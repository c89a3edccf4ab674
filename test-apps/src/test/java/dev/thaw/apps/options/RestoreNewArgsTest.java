// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.JvmUnderTest;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** `thaw restore DIR -- MainClass args`: ArgsParsingTest, CheckpointInNewMainTest and ExitFromNewMainTest of CRaC. */
class RestoreNewArgsTest {
    private static final String MAIN = "dev.thaw.apps.options.NewMain";

    private final SnapshotDirectory snapshots = SnapshotDirectory.create();

    @BeforeEach
    void checkpoint() {
        try (RunningProcess app = JvmUnderTest.withAgent(snapshots.path()).options("-Xmx64m", "-XX:+UseSerialGC")
                .start("options.Asking")) {
            app.awaitLine("ready");
            app.send("checkpoint");
            app.mustExit(ThawCommand.CHECKPOINTED);
        }
    }

    @AfterEach
    void delete() {
        snapshots.close();
    }

    /** It runs on the thread that asked for the checkpoint, which then goes on. */
    @Test
    void everyArgumentArrivesAsItWasGiven() {
        List<String> arguments = List.of("test arg", "\\ another\\ \"test\\\\arg ", "  ano\007ther  'yet  arg  \\", "",
                "-Dlooks.like=a property", "--or-else", "--", "--eager", "äöü", "a\tb");
        String[] options = new String[arguments.size() + 2];
        options[0] = "--";
        options[1] = MAIN;
        System.arraycopy(arguments.toArray(), 0, options, 2, arguments.size());
        try (RunningProcess restored = ThawCommand.restore(snapshots.path(), options)) {
            restored.awaitLine("checkpointRestore returned");
            assertEquals("new main " + arguments.size(), restored.output().get(0));
            for (int i = 0; i < arguments.size(); i++) {
                assertEquals("arg <" + arguments.get(i) + ">", restored.output().get(i + 1));
            }
            restored.send("get looks.like");
            restored.awaitLine("property null");
        }
    }

    @Test
    void theStatusOfAnExitInItIsTheProcesss() {
        try (RunningProcess restored = ThawCommand.restore(snapshots.path(), "--", MAIN, "exit", "23")) {
            restored.mustExit(23);
            assertFalse(restored.output().contains("checkpointRestore returned"), restored.output().toString());
        }
    }

    /** The second restore returns into the new main, and from there into the old one. */
    @Test
    void itMayAskForACheckpointItself() {
        try (RunningProcess restored = ThawCommand.restore(snapshots.path(), "--", MAIN, "checkpoint")) {
            restored.mustExit(ThawCommand.CHECKPOINTED);
        }
        assertEquals(List.of("0001", "0002"), snapshots.names());
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            restored.awaitLine("checkpointRestore returned");
            restored.awaitLine("new main returns");
            restored.awaitLine("checkpointRestore returned");
        }
    }

    @Test
    void aClassThatIsNotThereIsARestoreExceptionThatSaysWhatWasGiven() {
        try (RunningProcess restored = ThawCommand.restore(snapshots.path(), "--", "no.such.Main", "a", "b")) {
            assertEquals("RestoreException: Failed to execute the new main entry: new main class = 'no.such.Main', "
                    + "new main arguments = [a, b]. Do not specify these if you just wish to continue the "
                    + "checkpointed execution.", restored.awaitLine("RestoreException.*").group());
        }
    }

    @Test
    void whatItThrowsIsARestoreExceptionToo() {
        try (RunningProcess restored = ThawCommand.restore(snapshots.path(), "--", MAIN, "throw")) {
            String line = restored.awaitLine("RestoreException.*").group();
            assertTrue(line.contains("'" + MAIN + "'"), line);
        }
    }

    /** By jcmd the checkpointing thread is ours; the new main runs all the same. */
    @Test
    void itRunsAfterACheckpointByJcmdToo() {
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            restored.awaitLine("checkpointRestore returned");
            Jcmd.ofThisJdk().checkpoint(restored);
            restored.mustExit(ThawCommand.CHECKPOINTED);
        }
        try (RunningProcess restored = ThawCommand.restore(snapshots.path(), "--", MAIN, "exit", "5")) {
            restored.mustExit(5);
        }
    }
}
