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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log that is appended to goes on in the restored process, whatever has become of it meanwhile. */
class AppendedFilesTest {
    private final SnapshotDirectory snapshots = SnapshotDirectory.create();

    @TempDir
    private Path files;

    @AfterEach
    void delete() {
        snapshots.close();
    }

    @Test
    void goesOnBehindWhatOthersWroteAndAnewWhereItWasMovedAway() throws IOException {
        Path log = files.resolve("log");
        checkpoint(JvmUnderTest.withAgent(snapshots.path()).start("OpenThings", "append=" + log), "used append 1");
        Files.writeString(log, "written by another\n", StandardOpenOption.APPEND);
        useRestored();
        assertEquals(List.of("line 1", "written by another", "line 2"), Files.readAllLines(log));
        Files.delete(log);
        useRestored();
        assertEquals(List.of("line 2"), Files.readAllLines(log));
    }

    @Test
    void aMissingFolderIsRefusedBeforeAnythingRuns() throws IOException {
        Path folder = Files.createDirectory(files.resolve("logs"));
        Path log = folder.resolve("log");
        checkpoint(JvmUnderTest.withAgent(snapshots.path()).start("OpenThings", "append=" + log), "used append 1");
        Files.delete(log);
        Files.delete(folder);
        Completed refused = ThawCommand.run("restore", snapshots.path().toString());
        assertEquals("1: thaw: cannot open " + log + " again: No such file or directory (ENOENT)",
                refused.status() + ": " + refused.output());
    }

    @Test
    void hotSpotsOwnLogGoesOn() throws IOException {
        Path log = files.resolve("gc.log");
        checkpoint(JvmUnderTest.withAgent(snapshots.path()).options("-Xlog:gc:file=" + log)
                .start("OpenThings", "append=" + files.resolve("log")), "used append 1");
        Files.writeString(log, "written by another\n", StandardOpenOption.APPEND);
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            restored.send("use");
            restored.awaitLine("all used");
            Completed collected = Jcmd.ofThisJdk().run(restored.pid(), "GC.run");
            assertEquals(0, collected.status(), collected.output());
        }
        List<String> lines = Files.readAllLines(log);
        int other = lines.indexOf("written by another");
        assertTrue(other > 0 && lines.subList(other, lines.size()).stream().anyMatch(line -> line.contains("Pause Full")),
                lines.toString());
    }

    private void checkpoint(RunningProcess started, String use) {
        try (RunningProcess app = started) {
            app.send("use");
            app.awaitLine(use);
            Jcmd.ofThisJdk().checkpoint(app);
            app.mustExit(ThawCommand.CHECKPOINTED);
        }
    }

    private void useRestored() {
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            restored.send("use");
            restored.awaitLine("used append 2");
        }
    }
}
