// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.JvmUnderTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher's limits and folder become the process' own, as far as the process can live with them. */
class RestoredEnvironmentTest {
    private static final int SOFT_LIMIT = 1024;
    private static final int HARD_LIMIT = 4096;
    private static final int DESCRIPTORS = SOFT_LIMIT + 50;

    private final SnapshotDirectory snapshots = SnapshotDirectory.create();

    @TempDir
    private Path files;

    @AfterEach
    void delete() {
        snapshots.close();
    }

    /** HotSpot raises its soft limit to the hard one when it starts (MaxFDLimit). */
    @Test
    void moreDescriptorsThanTheSoftLimitAllowsAreRestored() {
        List<String> limited = List.of("prlimit", "--nofile=" + SOFT_LIMIT + ":" + HARD_LIMIT);
        try (RunningProcess app = app("RawMemory", files.resolve("file").toString())) {
            assumeTrue(softLimit(app) >= HARD_LIMIT, "the hard limit of open files here is below " + HARD_LIMIT);
            app.send("descriptors " + DESCRIPTORS);
            app.awaitLine("opened " + DESCRIPTORS);
            checkpoint(app);
        }
        try (RunningProcess restored = ThawCommand.restore(limited, snapshots.path())) {
            assertEquals(HARD_LIMIT, softLimit(restored));
            int more = HARD_LIMIT - DESCRIPTORS - 100;
            restored.send("descriptors " + more);
            restored.awaitLine("opened " + more);
        }
    }

    @Test
    void aDeletedWorkingDirectoryBecomesTheLaunchers() throws IOException {
        Path folder = Files.createDirectory(files.resolve("folder"));
        List<String> command = JvmUnderTest.withAgent(snapshots.path()).command("PidAndRandom");
        try (RunningProcess app = RunningProcess.start(new ProcessBuilder(command).directory(folder.toFile()))) {
            app.awaitLine("ready");
            Files.delete(folder);
            checkpoint(app);
        }
        List<String> elsewhere = List.of("env", "--chdir=" + files);
        try (RunningProcess restored = ThawCommand.restore(elsewhere, snapshots.path())) {
            restored.send("report");
            restored.awaitLine("pid .*");
            assertEquals(files.toRealPath(), Path.of("/proc/" + restored.pid() + "/cwd").toRealPath());
        }
    }

    private RunningProcess app(String name, String... arguments) {
        RunningProcess app = JvmUnderTest.withAgent(snapshots.path())
                .options("-Xmx64m", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED")
                .start(name, arguments);
        app.awaitLine("ready");
        return app;
    }

    private static void checkpoint(RunningProcess app) {
        Jcmd.ofThisJdk().checkpoint(app);
        app.mustExit(ThawCommand.CHECKPOINTED);
    }

    private static int softLimit(RunningProcess app) {
        app.send("limit");
        return Integer.parseInt(app.awaitLine("Max open files +([0-9]+) +.*").group(1));
    }
}
