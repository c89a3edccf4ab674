// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.thaw.apps.drive.Completed;
import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.JvmUnderTest;
import dev.thaw.apps.harness.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is open at a checkpoint is carried over or refused by name; nothing is guessed. */
class ResourceTest {
    private final SnapshotDirectory snapshots = SnapshotDirectory.create();

    @TempDir
    private Path files;

    @AfterEach
    void delete() {
        snapshots.close();
    }

    @Test
    void refusesAConnectionAndNamesBothAddresses() {
        try (Peer peer = new Peer(); RunningProcess app = start("connection=" + peer.port())) {
            String local = app.awaitLine("opened connection from ([0-9]+)").group(1);
            assertRefused(app, "127.0.0.1:" + local, "127.0.0.1:" + peer.port());
            assertUses(app, "used connection answered x");
        }
    }

    @Test
    void refusesAFileOpenForWriting() throws IOException {
        Path path = files.resolve("log");
        try (RunningProcess app = start("writable=" + path)) {
            assertRefused(app, path.toString());
        }
    }

    @Test
    void refusesAnOpenFileThatIsDeleted() throws IOException {
        Path path = Files.writeString(files.resolve("gone"), "text\n");
        try (RunningProcess app = start("deleted=" + path)) {
            assertRefused(app, path.toString());
        }
    }

    @Test
    void refusesAChildProcess() {
        try (RunningProcess app = start("child")) {
            String pid = app.awaitLine("opened child ([0-9]+)").group(1);
            assertRefused(app, pid, "cat");
        }
    }

    @Test
    void refusesAPipeThatLeadsOutOfTheProcess() {
        Path fifo = files.resolve("fifo");
        assertEquals(0, Completed.run("mkfifo", fifo.toString()).status());
        try (RunningProcess writer = RunningProcess.start(List.of("sh", "-c", "exec 3>" + fifo + "; read line"));
                RunningProcess app = start("fifo=" + fifo)) {
            assertRefused(app, fifo.toString());
            writer.send("end");
        }
    }

    @Test
    void refusesANetlinkSocket() {
        try (RunningProcess app = start("netlink")) {
            assertRefused(app, "netlink socket");
        }
    }

    @Test
    void carriesUdpSocketsAndAWatchServiceThatWatchesNothing() {
        String[] uses = {"used udp heard z", "used udp-connected heard z", "used watch nothing"};
        try (RunningProcess app = start("udp", "udp-connected", "watch")) {
            assertUses(app, uses);
            Jcmd.ofThisJdk().checkpoint(app);
            app.mustExit(ThawCommand.CHECKPOINTED);
        }
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            assertUses(restored, uses);
        }
    }

    @Test
    void refusesIoUring() {
        try (RunningProcess app = start("io-uring")) {
            assumeTrue(!app.awaitLine("opened io-uring (.*)").group(1).equals("-1"), "the kernel has no io_uring");
            assertRefused(app, "io_uring");
        }
    }

    @Test
    void namesEverythingItRefusesAtOnceAndSucceedsWhenAllIsClosed() throws IOException {
        Path path = files.resolve("log");
        try (Peer peer = new Peer();
                RunningProcess app = start("writable=" + path, "connection=" + peer.port(), "netlink")) {
            assertRefused(app, path.toString(), "127.0.0.1:" + peer.port(), "netlink");
            app.send("close");
            app.awaitLine("all closed");
            Jcmd.ofThisJdk().checkpoint(app);
            app.mustExit(ThawCommand.CHECKPOINTED);
        }
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            restored.send("ping");
            restored.awaitLine("pong");
        }
    }

    @Test
    void carriesReadOnlyFilesListenersPipesAndSelectors() throws IOException {
        Path path = Files.writeString(files.resolve("text"), "one\ntwo\nthree\nfour\n");
        try (RunningProcess app = start("read-only=" + path, "mapped=" + path, "listener", "pipe", "selector")) {
            assertUses(app, "used read-only at 4: two", "used mapped: or", "used listener heard y",
                    "used pipe held waiting", "used selector found 1");
            Jcmd.ofThisJdk().checkpoint(app);
            app.mustExit(ThawCommand.CHECKPOINTED);
        }
        for (int clone = 0; clone < 2; clone++) {
            try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
                assertUses(restored, "used read-only at 8: three", "used mapped: or", "used listener heard y",
                        "used pipe held waiting", "used selector found 1");
                assertUses(restored, "used read-only at 14: four");
            }
        }
    }

    @Test
    void refusesToRestoreWhenAFileItHadOpenIsAnother() throws IOException {
        Path path = Files.writeString(files.resolve("text"), "one\ntwo\n");
        try (RunningProcess app = start("read-only=" + path)) {
            app.awaitLine("ready");
            Jcmd.ofThisJdk().checkpoint(app);
            app.mustExit(ThawCommand.CHECKPOINTED);
        }
        Files.writeString(path, "one\nTWO AND MORE\n");
        assertRestoreRefused(path);
        Files.delete(path);
        assertRestoreRefused(path);
    }

    @Test
    void refusesToRestoreWhenItsPortIsTaken() {
        try (RunningProcess app = start("listener")) {
            String port = app.awaitLine("opened listener ([0-9]+)").group(1);
            Jcmd.ofThisJdk().checkpoint(app, "keep_running=true");
            try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
                int status = restored.awaitExit();
                String text = String.join("\n", restored.output());
                assertTrue(status == ThawCommand.REFUSED || status == ThawCommand.FAILED_LATE, status + ": " + text);
                assertTrue(text.startsWith("thaw: ") && text.contains(port) && text.contains("ddress already in use"),
                        text);
            }
            assertUses(app, "used listener heard y");
        }
    }

    private void assertRestoreRefused(Path named) {
        Completed refused = ThawCommand.run("restore", snapshots.path().toString());
        assertEquals(ThawCommand.REFUSED, refused.status(), refused.output());
        assertTrue(refused.output().startsWith("thaw: ") && refused.output().contains(named.toString()),
                refused.output());
    }

    private RunningProcess start(String... things) {
        List<String> flags = new ArrayList<>(List.of("--enable-native-access=ALL-UNNAMED"));
        return JvmUnderTest.withAgent(snapshots.path()).options(flags.toArray(String[]::new))
                .start("OpenThings", things);
    }

    /** Exit code 1, a CheckpointException with these texts in it, no snapshot, and the application runs on. */
    private void assertRefused(RunningProcess app, String... texts) {
        app.awaitLine("ready");
        Completed reply = Jcmd.ofThisJdk().run(app.pid(), "JDK.checkpoint");
        assertEquals(1, reply.status(), reply.output());
        assertTrue(reply.output().contains("CheckpointException"), reply.output());
        for (String text : texts) {
            assertTrue(reply.output().contains(text), "no '" + text + "' in:\n" + reply.output());
        }
        assertEquals(List.of(), snapshots.names());
        app.send("ping");
        app.awaitLine("pong");
    }

    private static void assertUses(RunningProcess app, String... lines) {
        app.send("use");
        for (String line : lines) {
            app.awaitLine(line);
        }
        app.awaitLine("all used");
    }
}
