// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.thaw.apps.drive.CheckpointReply;
import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.JvmUnderTest;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Under a page of a private file mapping lies the file's: a page without content of ours is not a page of zeros. */
class PrivateMappingTest {
    private static final Jcmd JCMD = Jcmd.ofThisJdk();
    private static final String ANONYMOUS = " anonymous 33x256";
    private static final String AT_FIRST = "few 11x16 0x16 fex224 most 11x192 0x8 fex56" + ANONYMOUS;
    private static final String DISCARDED = "few 11x8 fex16 0x8 fex224 most 11x8 fex56 11x128 0x8 fex56" + ANONYMOUS;
    private static final String MAPPED_OVER = AT_FIRST.replace(ANONYMOUS, " anonymous 33x64 44x64 33x128");

    private static final String GUARDED = AT_FIRST.replace(ANONYMOUS, " anonymous 33x64 0x2 33x190");

    private final SnapshotDirectory snapshots = SnapshotDirectory.create();

    @TempDir
    private Path files;

    private RunningProcess app;

    /** 0001, of a process that runs on. */
    @BeforeEach
    void checkpoint() {
        app = JvmUnderTest.withAgent(snapshots.path())
                .options("-Xmx64m", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED")
                .start("RawMemory", files.resolve("file").toString());
        app.awaitLine("ready");
        assertShows(AT_FIRST, app);
        JCMD.checkpoint(app, "keep_running=true");
    }

    @AfterEach
    void delete() {
        app.close();
        snapshots.close();
    }

    @Test
    void aCopiedPageThatWasZeroedStaysZero() {
        assertRestores(AT_FIRST, 1, "--eager");
        assertRestores(AT_FIRST, 1, "-Dthaw.prefetch=off");
    }

    /** Untouched since, it is a marker in the page table; read, it is a page of the file. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPageDiscardedBetweenTwoCheckpointsIsTheFilesAgain(boolean read) {
        app.send("discard");
        app.awaitLine("discarded");
        if (read) {
            assertShows(DISCARDED, app);
        }
        assertTrue(isDelta(JCMD.checkpoint(app, "keep_running=true")));
        assertShows(DISCARDED, app);
        assertRestores(DISCARDED, 2, "--eager");
        assertRestores(DISCARDED, 2, "-Dthaw.prefetch=off");
    }

    @Test
    void aMappingMadeAmongPagesThatAreStillMissingIsTracked() {
        try (RunningProcess restored = ThawCommand.restore(snapshots.snapshot(1), "-Dthaw.prefetch=off")) {
            assertFalse(JCMD.status(restored).allLoaded());
            restored.send("map-over");
            restored.awaitLine("mapped over");
            assertTrue(isDelta(JCMD.checkpoint(restored, "keep_running=true")));
            assertTrue(isDelta(JCMD.checkpoint(restored, "keep_running=true")));
        }
        assertRestores(MAPPED_OVER, 2);
        assertRestores(MAPPED_OVER, 3);
    }

    /** Nothing may load it, be it new or of a page that the snapshot has. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aGuardIsNotTouchedAndHasNoContent(boolean loaded) {
        RunningProcess guarded = loaded ? ThawCommand.restore(snapshots.snapshot(1)) : app;
        try {
            if (loaded) {
                JCMD.awaitAllLoaded(guarded);
            }
            guarded.send("guard");
            assumeTrue(guarded.awaitLine("guarded|no guards").group().equals("guarded"), "Linux 6.13 or newer");
            assertTrue(isDelta(JCMD.checkpoint(guarded, "keep_running=true")));
            guarded.send("limit");
            guarded.awaitLine("Max open files.*");
        } finally {
            guarded.close();
        }
        assertRestores(GUARDED, 2, "--eager");
        assertRestores(GUARDED, 2, "-Dthaw.prefetch=off");
    }

    private static boolean isDelta(String reply) {
        return new CheckpointReply(reply).isDelta();
    }

    private static void assertShows(String expected, RunningProcess process) {
        process.send("show");
        assertEquals(expected, process.awaitLine("few .*").group());
    }

    private void assertRestores(String expected, int number, String... options) {
        try (RunningProcess restored = ThawCommand.restore(snapshots.snapshot(number), options)) {
            assertShows(expected, restored);
        }
    }
}
