// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

/**
 * What is under way at a checkpoint goes on in the process itself, in each restored process, and in one restored
 * from a restored one's snapshot.
 */
class ScenarioTest {
    private final SnapshotDirectory snapshots = SnapshotDirectory.create();

    @TempDir
    private Path files;

    @AfterEach
    void delete() {
        snapshots.close();
    }

    @Test
    void selectorsWakeUpForEveryReasonTheyHave() {
        assertPasses(12, "scenario.SelectorScenarios");
    }

    @Test
    void timedWaitsEndAndNotBeforeTheirTime() {
        assertPasses(20, "scenario.TimedWaits");
    }

    @Test
    void threadsAndVirtualThreadsAndPendingOperationsGetWhatTheyWaitFor() throws IOException {
        assertPasses(11, "scenario.WaitingThreads", Files.writeString(files.resolve("file"), "a text").toString());
    }

    @Test
    void datagramChannelsAndSocketsGetWhatIsSentToThem() {
        assertPasses(6, "scenario.Datagrams");
    }

    private void assertPasses(int scenarios, String application, String... arguments) {
        try (RunningProcess app = JvmUnderTest.withAgent(snapshots.path()).start(application, arguments)) {
            app.awaitLine("ready");
            arm(app);
            Jcmd.ofThisJdk().checkpoint(app, "keep_running=true");
            assertCheck(scenarios, app);
            arm(app);
            Jcmd.ofThisJdk().checkpoint(app);
            app.mustExit(ThawCommand.CHECKPOINTED);
        }
        try (RunningProcess first = ThawCommand.restore(snapshots.path())) {
            assertCheck(scenarios, first);
            arm(first);
            Jcmd.ofThisJdk().checkpoint(first);
            first.mustExit(ThawCommand.CHECKPOINTED);
        }
        for (int snapshot : List.of(2, 3)) {
            try (RunningProcess restored = ThawCommand.restore(snapshots.snapshot(snapshot))) {
                assertCheck(scenarios, restored);
            }
        }
    }

    private static void arm(RunningProcess app) {
        app.send("arm");
        app.awaitLine("done arm");
        assertEquals(List.of(), failures(app));
    }

    private static void assertCheck(int scenarios, RunningProcess app) {
        long before = passed(app);
        app.send("check");
        app.awaitLine("done check");
        assertEquals(List.of(), failures(app));
        assertEquals(scenarios, passed(app) - before);
        assertTrue(app.isAlive());
    }

    private static long passed(RunningProcess app) {
        return app.output().stream().filter(line -> line.startsWith("passed ")).count();
    }

    private static List<String> failures(RunningProcess app) {
        List<String> output = app.output();
        return output.stream().anyMatch(line -> line.startsWith("failed ")) ? output : List.of();
    }
}
