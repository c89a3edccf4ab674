// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.Artefacts;
import dev.thaw.apps.drive.Completed;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.Damage;
import dev.thaw.apps.harness.JvmUnderTest;
import dev.thaw.apps.harness.MetaFile;
import dev.thaw.apps.harness.OtherClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** `thaw restore DIR --or-else CMD args`, as CRaC's CRaCIgnoreRestoreIfUnavailable. */
class OrElseTest {
    private final SnapshotDirectory snapshots = SnapshotDirectory.create();

    @TempDir
    private Path files;

    @AfterEach
    void delete() {
        snapshots.close();
    }

    @Test
    void startsTheApplicationWhenThereIsNoSnapshot() {
        Completed run = ThawCommand.run("restore", snapshots.path().toString(), "--or-else", Artefacts.java(),
                "-Dhello.status=3", "-cp", Artefacts.TEST_APPS.toString(), "dev.thaw.apps.Hello", "one", "two words");
        assertEquals(List.of("thaw: no snapshot (a folder 0001, 0002, ...) is in " + snapshots.path()), ofThaw(run));
        assertEquals(List.of("hello [one, two words]"), ofTheCommand(run));
        assertEquals(3, run.status());
    }

    /** Found in PATH; in the folder, with the limits and descriptors it would have had. */
    @Test
    void theCommandFindsTheProcessAsItWas() {
        checkpointInAFolder();
        Damage.truncate(snapshots.pages(1), 4096); // found when much has been done
        List<String> command = List.of("prlimit", "--nofile=200:4000", Artefacts.THAW.toString(), "restore",
                snapshots.path().toString(), "--or-else", "sh", "-c", "pwd; ulimit -n; ls /proc/self/fd | wc -w");
        Completed run = Completed.run(command);
        assertTrue(ofThaw(run).getFirst().startsWith("thaw: the snapshot needs the pages file of 0001, which is truncated"),
                run.output());
        assertEquals(List.of(Path.of("").toAbsolutePath().toString(), "200", "4"), ofTheCommand(run));
    }

    /** A restore after another boot that fails where it has all but entered a namespace of its own. */
    @Test
    void theCommandHasTheLaunchersTimeNamespace() throws IOException {
        OtherClock.mustBeAllowed();
        Path logs = Files.createDirectory(files.resolve("logs"));
        checkpointInAFolder("-Xlog:gc:file=" + logs.resolve("gc.txt"));
        SnapshotDirectory.deleteTree(logs);
        MetaFile.read(snapshots.meta(1)).set("boot_id", 0).seal();
        Completed run = ThawCommand.run("restore", snapshots.path().toString(), "--or-else", "readlink",
                "/proc/self/ns/time", "/proc/self/ns/time_for_children");
        assertTrue(ofThaw(run).getFirst().contains(logs.resolve("gc.txt").toString()), run.output());
        assertEquals(List.of(OtherClock.own(), OtherClock.own()), ofTheCommand(run));
    }

    @Test
    void aSemicolonEndsTheCommandAndMoreMayFollow() {
        checkpointInAFolder();
        try (RunningProcess restored = ThawCommand.restore(snapshots.path(), "--or-else", "false", ";", "-Da=b", "--",
                "dev.thaw.apps.options.NewMain", "exit", "4")) {
            restored.mustExit(4);
        }
        Completed refused = ThawCommand.run("restore", "--or-else", "echo", "instead", ";", "-Da=b",
                files.resolve("none").toString(), "--", "Main");
        assertEquals(List.of("instead"), ofTheCommand(refused));
        assertEquals(0, refused.status());
    }

    @Test
    void aCommandThatCannotBeStartedIsSaid() {
        Completed refused = ThawCommand.run("restore", snapshots.path().toString(), "--or-else", "no-such-command");
        assertTrue(refused.output().endsWith("thaw: the command after --or-else cannot be started: no-such-command: "
                + "No such file or directory (ENOENT)"), refused.output());
        assertEquals(ThawCommand.REFUSED, refused.status());
    }

    @Test
    void aWrongCommandLineIsNoReasonForIt() {
        Completed refused = ThawCommand.run("restore", "--colour", "--or-else", "echo", "instead");
        assertEquals("thaw: restore has no option --colour", refused.output());
        assertEquals(2, refused.status());
    }

    /** On stderr, which comes before or after stdout. */
    private static List<String> ofThaw(Completed run) {
        return run.output().lines().filter(line -> line.startsWith("thaw:")).toList();
    }

    private static List<String> ofTheCommand(Completed run) {
        return run.output().lines().filter(line -> !line.startsWith("thaw:")).toList();
    }

    private void checkpointInAFolder(String... flags) {
        List<String> command = JvmUnderTest.withAgent(snapshots.path()).options("-Xmx64m", "-XX:+UseSerialGC")
                .options(flags).command("options.Asking");
        Path folder = files.resolve("folder");
        assertTrue(folder.toFile().mkdir() && Files.isDirectory(folder));
        try (RunningProcess app = RunningProcess.start(new ProcessBuilder(command).directory(folder.toFile()))) {
            app.send("checkpoint");
            app.mustExit(ThawCommand.CHECKPOINTED);
        }
    }
}
