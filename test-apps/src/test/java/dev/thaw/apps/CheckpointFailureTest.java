// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.thaw.apps.drive.Artefacts;
import dev.thaw.apps.drive.Completed;
import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.Service;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.JvmUnderTest;
import dev.thaw.apps.harness.OtherUser;
import dev.thaw.apps.harness.SmallDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A checkpoint that fails says why, leaves nothing behind, and the application runs on. */
class CheckpointFailureTest {
    private final SnapshotDirectory snapshots = SnapshotDirectory.create();

    @TempDir
    private Path files;

    @AfterEach
    void delete() {
        snapshots.close();
    }

    @Test
    void aFullDiskIsNamedAndLeavesNothingBehind() {
        assumeTrue(OtherUser.isRoot(), "only root can mount a small disk");
        try (SmallDisk disk = new SmallDisk(24); Service service = Service.start(disk.path(), List.of(), 64)) {
            service.awaitFirstAnswer();
            String data = service.verify();
            assertRefused(Jcmd.ofThisJdk(), service.process(), "JDK.checkpoint", "No space left on device");
            assertEquals(0, disk.path().toFile().list().length, List.of(disk.path().toFile().list()).toString());
            assertEquals(data, service.verify());
            String reply = Jcmd.ofThisJdk().checkpoint(service.process(), "to=" + snapshots.path());
            assertTrue(reply.contains("full"), reply);
            service.process().mustExit(ThawCommand.CHECKPOINTED);
            assertRestores(service, data);
        }
    }

    /** The kernel writes a part of the page, again and again. */
    @Test
    void aFileSizeLimitInTheMiddleOfAPageIsAFullDisk() {
        try (RunningProcess app = JvmUnderTest.withAgent(snapshots.path()).start("PidAndRandom")) {
            app.awaitLine("ready");
            limitFileSize(app, "5001000");
            assertRefused(Jcmd.ofThisJdk(), app, "JDK.checkpoint", "cannot write", "No space left on device");
            assertEquals(List.of(), snapshots.names());
            app.send("report");
            app.awaitLine("pid .*");
            limitFileSize(app, "unlimited");
            Jcmd.ofThisJdk().checkpoint(app);
            app.mustExit(ThawCommand.CHECKPOINTED);
        }
    }

    @Test
    void aDirectoryThatCannotBeWrittenIsNamed() throws IOException {
        try (OtherUser nobody = new OtherUser()) {
            Path locked = Files.createDirectory(nobody.folder().resolve("locked"));
            assertTrue(locked.toFile().setWritable(false, false));
            try (RunningProcess app = nobody.jvm(locked).start("PidAndRandom")) {
                app.awaitLine("ready");
                assertRefused(nobody.jcmd(), app, "JDK.checkpoint", "Permission denied", locked.toString());
                app.send("report");
                app.awaitLine("pid .*");
            }
        }
    }

    @Test
    void aFileInPlaceOfTheDirectoryIsNamed() throws IOException {
        Path file = Files.createFile(files.resolve("file"));
        try (RunningProcess app = JvmUnderTest.withAgent(file).start("PidAndRandom")) {
            app.awaitLine("ready");
            assertRefused(Jcmd.ofThisJdk(), app, "JDK.checkpoint", file.toString());
            app.send("report");
            app.awaitLine("pid .*");
        }
    }

    @Test
    void anotherJdkBuildIsRefusedAtTheRestore() throws IOException {
        Path jdk = copyOfThisJdk();
        try (RunningProcess app = JvmUnderTest.withAgent(snapshots.path()).javaHome(jdk).start("PidAndRandom")) {
            app.awaitLine("ready");
            Jcmd.ofThisJdk().checkpoint(app);
            app.mustExit(ThawCommand.CHECKPOINTED);
        }
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            restored.send("exit 7");
            restored.mustExit(7);
        }
        Path libjvm = jdk.resolve("lib/server/libjvm.so");
        byte[] whole = Files.readAllBytes(libjvm);
        whole[300] ^= 1;
        Files.write(libjvm, whole);
        Completed refused = ThawCommand.run("restore", snapshots.path().toString());
        assertEquals(ThawCommand.REFUSED, refused.status(), refused.output());
        assertTrue(refused.output().startsWith("thaw: ") && refused.output().contains(libjvm.toString()),
                refused.output());
    }

    @Test
    void anotherCheckpointMeanwhileIsToldSo() {
        try (RunningProcess app = JvmUnderTest.withAgent(snapshots.path(), "keep_running=true").start("crac.Recursion")) {
            app.awaitLine("ready");
            app.send("hold");
            app.awaitLine("done hold");
            CompletableFuture<Completed> first = CompletableFuture.supplyAsync(() -> request(app));
            app.awaitLine("in beforeCheckpoint");
            Completed other = request(app);
            assertEquals(1, other.status(), other.output());
            assertTrue(other.output().contains("already in progress"), other.output());
            app.send("release");
            assertEquals(0, first.join().status(), first.join().output());
            assertEquals(List.of(1), snapshots.numbers());
        }
    }

    private static Completed request(RunningProcess app) {
        return Jcmd.ofThisJdk().run(app.pid(), "JDK.checkpoint");
    }

    private static void limitFileSize(RunningProcess app, String bytes) {
        Completed prlimit = Completed.run("prlimit", "--pid=" + app.pid(), "--fsize=" + bytes + ":");
        assertEquals(0, prlimit.status(), prlimit.output());
    }

    private Path copyOfThisJdk() {
        Path home = files.resolve("jdk");
        Path source = Artefacts.JAVA_HOME;
        String script = "mkdir '%s' && cd '%s' && cp -aL bin lib conf release '%s' && rm -f '%s'/lib/src.zip"
                .formatted(home, source, home, home);
        Completed copied = Completed.run("sh", "-c", script);
        assertEquals(0, copied.status(), copied.output());
        return home;
    }

    private static void assertRefused(Jcmd jcmd, RunningProcess app, String command, String... texts) {
        Completed reply = jcmd.run(app.pid(), command);
        assertEquals(1, reply.status(), reply.output());
        for (String text : texts) {
            assertTrue(reply.output().contains(text), "no '" + text + "' in:\n" + reply.output());
        }
    }

    private void assertRestores(Service original, String data) {
        try (Service restored = original.restore(snapshots.path())) {
            restored.awaitFirstAnswer();
            assertEquals(data, restored.verify());
        }
    }
}
