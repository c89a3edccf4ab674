// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.resources;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.Completed;
import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.JvmUnderTest;
import dev.thaw.apps.harness.Lifecycle;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written through a shared mapping is the file's: it is mapped again, and no part of a snapshot. */
class MappedQueueTest {
    private static final int MEGABYTES = 64;

    private final SnapshotDirectory snapshots = SnapshotDirectory.create();
    private final SnapshotDirectory memory = SnapshotDirectory.in(Path.of("/dev/shm"));

    @TempDir
    private Path folder;

    @AfterEach
    void delete() {
        snapshots.close();
        memory.close();
    }

    /** The same in a folder of a disk, and in memory. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aQueueGoesOnInTheFile(boolean inMemory) throws IOException {
        Path file = (inMemory ? memory.path() : folder).resolve("queue");
        try (RunningProcess app = start(file)) {
            assertSays(app, "push 7", "queue 7 reading 7 pushed 1");
            Lifecycle.checkpoint(app);
        }
        assertTrue(snapshots.bytes(1) < Files.size(file), "the snapshot has " + snapshots.bytes(1) + " bytes");
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            assertSays(restored, "push 8", "queue 7 8 reading 7 8 pushed 2");
            try (RandomAccessFile read = new RandomAccessFile(file.toFile(), "r")) {
                read.seek(2 * Integer.BYTES);
                assertEquals(8, read.readInt());
            }
            assertTrue(Lifecycle.checkpoint(restored).isDelta());
        }
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            assertSays(restored, "push 9", "queue 7 8 9 reading 7 8 9 pushed 3");
            Lifecycle.mustEndCleanly(restored);
        }
    }

    /** By the process that runs on, in a page that it had written before. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFileThatWasWrittenSinceIsRefusedByTheRestore(boolean inMemory) {
        Path file = (inMemory ? memory.path() : folder).resolve("queue");
        try (RunningProcess app = start(file)) {
            assertSays(app, "middle 5", "queue reading pushed 0");
            Jcmd.ofThisJdk().checkpoint(app, "keep_running=true");
            try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
                assertSays(restored, "show", "queue reading pushed 0");
            }
            assertSays(app, "middle 6", "queue reading pushed 0");
            assertRestoreRefused("a file the process writes through a shared mapping has changed since the checkpoint (carried"
                    + " as it is by a resource policy with action: reopen): " + file);
        }
    }

    @Test
    void byAPolicyItIsMappedWhateverItHolds() throws IOException {
        Path file = folder.resolve("queue");
        Path policies = Files.writeString(folder.resolve("policies"), "type: file\npath: " + file + "\naction: reopen\n");
        try (RunningProcess app = start(file, "-Djdk.crac.resource-policies=" + policies)) {
            assertSays(app, "push 7", "queue 7 reading 7 pushed 1");
            Lifecycle.checkpoint(app);
        }
        try (RunningProcess one = ThawCommand.restore(snapshots.path())) {
            assertSays(one, "push 8", "queue 7 8 reading 7 8 pushed 2");
            try (RunningProcess other = ThawCommand.restore(snapshots.path())) {
                assertSays(other, "push 9", "queue 7 8 9 reading 7 8 9 pushed 2");
                assertSays(one, "show", "queue 7 8 9 reading 7 8 9 pushed 2");
            }
        }
        try (RandomAccessFile shorter = new RandomAccessFile(file.toFile(), "rw")) {
            shorter.setLength(shorter.length() - 1);
        }
        assertRestoreRefused(
                "a file the process writes through a shared mapping is shorter, or another thing, than at the checkpoint: " + file);
    }

    @Test
    void byAPolicyItIsRefusedByItsName() throws IOException {
        Path file = folder.resolve("queue");
        Path policies = Files.writeString(folder.resolve("policies"), "type: file\npath: " + file + "\naction: error\n");
        try (RunningProcess app = start(file, "-Djdk.crac.resource-policies=" + policies)) {
            assertSays(app, "push 7", "queue 7 reading 7 pushed 1");
            assertRefused(app, "CheckpointOpenFileException: open file " + file + " (at 0x");
        }
    }

    @Test
    void aDeletedFileIsRefusedByItsName() {
        Path file = folder.resolve("queue");
        try (RunningProcess app = start(file)) {
            assertSays(app, "delete", "queue reading pushed 0");
            assertRefused(app, "CheckpointOpenFileException: writable shared mapping of " + file + " (deleted) (at 0x");
        }
    }

    private RunningProcess start(Path file, String... options) {
        RunningProcess app = JvmUnderTest.withAgent(snapshots.path()).options("-Xmx64m", "-XX:+UseSerialGC").options(options)
                .start("resources.MappedQueue", file.toString(), Integer.toString(MEGABYTES));
        app.awaitLine("ready");
        return app;
    }

    private static void assertSays(RunningProcess app, String command, String answer) {
        app.send(command);
        assertEquals(answer, app.awaitLine("queue.*").group());
    }

    private static void assertRefused(RunningProcess app, String text) {
        Completed refused = Jcmd.ofThisJdk().run(app.pid(), "JDK.checkpoint");
        assertTrue(refused.status() == 1 && refused.output().contains(text), refused.output());
    }

    private void assertRestoreRefused(String sentence) {
        Completed refused = ThawCommand.run("restore", snapshots.path().toString());
        assertEquals("1: thaw: " + sentence, refused.status() + ": " + refused.output());
    }
}
