// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.resources;

import dev.thaw.apps.drive.RunningProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A WatchService goes on watching in the restored process. */
class WatchServiceTest {
    @TempDir
    private Path folder;

    @Test
    void fileWatcherWithOpenKeysSeesWhatIsCreatedAfterTheRestore() throws IOException {
        Path second = Files.createDirectory(folder.resolve("second"));
        try (PolicyRun run = new PolicyRun(List.of())) {
            run.start("a=watch:" + folder, "b=watch:" + second).awaitLine("ready");
            Files.createFile(folder.resolve("before"));
            run.assertUse("a", "saw \\[before]");
            restored(run);
            Files.createFile(folder.resolve("again"));
            run.assertUse("a", "saw \\[again]");
            Files.createFile(second.resolve("after"));
            run.assertUse("b", "saw \\[after]");
        }
    }

    @Test
    void fileWatcherThreadThatWaitsInTakeIsWokenAfterTheRestore() throws IOException {
        try (PolicyRun run = new PolicyRun(List.of())) {
            run.start("w=watch-in-take:" + folder).awaitLine("ready");
            Files.createFile(folder.resolve("before"));
            run.assertUse("w", "saw \\[before]");
            restored(run);
            Files.createFile(folder.resolve("after"));
            run.assertUse("w", "saw \\[after]");
        }
    }

    @Test
    void fileWatcherAfterRestoreTakesNewKeys() throws IOException {
        try (PolicyRun run = new PolicyRun(List.of())) {
            run.start("w=watch-later:" + folder).awaitLine("ready");
            restored(run);
            run.assertUse("w", "registered");
            Files.createFile(folder.resolve("after"));
            run.assertUse("w", "saw \\[after]");
        }
    }

    /** The key of a watch is found by its number, which is not the first. */
    @Test
    void fileWatcherKeyAfterOneThatWasCancelledGoesOn() throws IOException {
        Path second = Files.createDirectory(folder.resolve("second"));
        try (PolicyRun run = new PolicyRun(List.of())) {
            run.start("w=watch-second:" + folder).awaitLine("ready");
            Files.createFile(second.resolve("before"));
            run.assertUse("w", "saw \\[before]");
            restored(run);
            Files.createFile(second.resolve("after"));
            run.assertUse("w", "saw \\[after]");
        }
    }

    /** What is created before the watches are there again is not seen. */
    private static void restored(PolicyRun run) {
        RunningProcess app = run.checkpointAndRestore();
        app.send("ping");
        app.awaitLine("pong");
    }

    @Test
    void fileWatcherIsRefusedWhenThePatchIsOff() {
        try (PolicyRun run = new PolicyRun(List.of("-Dthaw.patch.LinuxWatchService=off"))) {
            run.start("w=watch:" + folder);
            run.assertRefused("CheckpointOpenResourceException", "inotify");
        }
    }
}
