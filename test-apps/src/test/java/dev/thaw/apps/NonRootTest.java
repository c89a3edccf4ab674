// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.thaw.apps.drive.CheckpointReply;
import dev.thaw.apps.drive.Completed;
import dev.thaw.apps.drive.Http;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.Service;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.drive.ThawStatus;
import dev.thaw.apps.harness.CProgram;
import dev.thaw.apps.harness.Collector;
import dev.thaw.apps.harness.OtherUser;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Everything works for a user without any privilege. */
class NonRootTest {
    private final OtherUser nobody = new OtherUser();
    private final SnapshotDirectory snapshots = nobody.snapshots();
    private final int port = Http.freePort();

    @AfterEach
    void delete() {
        nobody.close();
    }

    @ParameterizedTest
    @EnumSource(Collector.class)
    void checkpointsRestoresAndWritesADelta(Collector collector) {
        String data = checkpointed(collector, 64);
        String changed;
        try (Service restored = restored(1)) {
            assertEquals(data, restored.verify());
            restored.dirty(8);
            restored.get("/gc");
            changed = restored.verify();
            CheckpointReply reply = new CheckpointReply(nobody.jcmd().checkpoint(restored.process()));
            assertTrue(reply.text().contains("delta of"), reply.text());
            restored.process().mustExit(ThawCommand.CHECKPOINTED);
        }
        for (String option : List.of("-Dthaw.prefetch=off", "-Dthaw.prefetch=on", "--eager")) {
            try (Service restored = restored(2, option)) {
                assertEquals(changed, restored.verify());
            }
        }
    }

    @Test
    void theHeapAloneIsLazyAndLoadedWithoutBeingAsked() {
        checkpointed(Collector.G1, 128);
        try (Service restored = restored(1, "-Dthaw.prefetch=off")) {
            ThawStatus status = nobody.jcmd().status(restored.process());
            assertTrue(status.number("missing") > (100L << 20 >> 12), status.text());
        }
        try (Service restored = restored(1)) {
            ThawStatus status = nobody.jcmd().awaitAllLoaded(restored.process());
            assertTrue(status.number("loaded ahead") > (64L << 20 >> 12), status.text());
        }
    }

    @Test
    void restoresWhereUserfaultfdIsForbidden() throws IOException {
        String data = checkpointed(Collector.SERIAL, 32);
        Path program = Files.copy(CProgram.executable("without_userfaultfd"),
                nobody.folder().resolve("without_userfaultfd"));
        assertTrue(program.toFile().setExecutable(true, false));
        RunningProcess process = nobody.restore(List.of(program.toString()), snapshots.path());
        try (Service restored = new Service(process, port)) {
            restored.awaitFirstAnswer();
            assertEquals(data, restored.verify());
        }
    }

    @Test
    void aSnapshotOfAnotherUserCannotBeRead() {
        assumeTrue(OtherUser.isRoot(), "needs root to have two users");
        checkpointed(Collector.SERIAL, 1);
        Completed chown = Completed.run("chown", "-R", "0:0", snapshots.snapshot(1).toString());
        assertEquals(0, chown.status(), chown.output());
        try (RunningProcess refused = nobody.restore(snapshots.snapshot(1))) {
            refused.mustExit(ThawCommand.REFUSED);
            String said = String.join("\n", refused.output());
            assertTrue(said.startsWith("thaw: ") && said.contains("Permission denied"), said);
        }
    }

    /** In a pid namespace of its own the pid is known before: 1. HotSpot's own listener is in the image, too. */
    @Test
    void anAttachSocketThatRootLeftCostsJcmdAndOneLine() throws IOException {
        assumeTrue(OtherUser.isRoot(), "needs root to have two users");
        Path left = Path.of("/tmp/.java_pid1");
        assumeFalse(Files.exists(left), left + " is there already");
        String data = checkpointed(Collector.SERIAL, 1, "VM.version");
        leaveSocket(left);
        List<String> asPidOne = List.of("unshare", "--pid", "--fork", "--kill-child", "--mount-proc");
        try (Service restored = new Service(nobody.restoreBehind(asPidOne, snapshots.path()), port)) {
            restored.awaitFirstAnswer();
            assertEquals(data, restored.verify());
            assertEquals(List.of("thaw: jcmd cannot reach this process: " + left + " was left by an ended process"
                    + " of another user; remove it as that user or as root"), restored.process().errorOutput());
            assertTrue(Files.exists(left), left + " was not the restored process' to remove");
        } finally {
            Files.deleteIfExists(left);
            Files.deleteIfExists(Path.of(left + ".hs"));
        }
    }

    /** As a killed process does. */
    private static void leaveSocket(Path path) throws IOException {
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(path));
        }
    }

    private String checkpointed(Collector collector, int megabytes, String... before) {
        try (Service service = new Service(nobody.jvm(snapshots.path()).options(collector.flag(), "-Xmx512m")
                .start("KeyValueService", "--heap-mb", "" + megabytes, "" + port), port)) {
            service.awaitFirstAnswer();
            String data = service.verify();
            for (String command : before) {
                assertEquals(0, nobody.jcmd().run(service.pid(), command).status(), command);
            }
            nobody.jcmd().checkpoint(service.process());
            service.process().mustExit(ThawCommand.CHECKPOINTED);
            return data;
        }
    }

    private Service restored(int number, String... options) {
        Service service = new Service(nobody.restore(snapshots.snapshot(number), options), port);
        service.awaitFirstAnswer();
        return service;
    }
}
