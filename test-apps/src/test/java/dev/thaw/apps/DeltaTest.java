// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.CheckpointReply;
import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.ProcessState;
import dev.thaw.apps.drive.Service;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.Collector;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A second checkpoint writes what was written since the first, reads nothing else, and loses nothing. */
class DeltaTest {
    private static final Jcmd JCMD = Jcmd.ofThisJdk();
    private static final List<String> G1 = List.of("-XX:+UseG1GC", "-Xmx1g");

    private final SnapshotDirectory snapshots = SnapshotDirectory.create();
    private String dataAtFirst;

    @AfterEach
    void delete() {
        snapshots.close();
    }

    @Test
    void afterWritingAnEighthADeltaIsAtMostAQuarter() {
        try (Service original = checkpointed(G1, 256); Service restored = original.restore(snapshots.path())) {
            restored.awaitFirstAnswer();
            restored.dirty(32);
            String data = restored.verify();
            checkpoint(restored);
            assertTrue(snapshots.bytes(2) <= snapshots.bytes(1) / 4,
                    snapshots.bytes(2) + " bytes after " + snapshots.bytes(1));
            assertRestores(original, 2, data);
        }
    }

    @Test
    void theSecondCheckpointOfAProcessThatKeptRunningIsADelta() {
        try (Service service = Service.start(snapshots.path(), G1, 128)) {
            service.awaitFirstAnswer();
            CheckpointReply first = new CheckpointReply(JCMD.checkpoint(service.process(), "keep_running=true"));
            assertTrue(first.trackMs() > 0 && first.pauseMs() >= first.quiesceMs() + first.writeMs() + first.trackMs(),
                    "the first arming is a part of the pause: " + first.text());
            service.dirty(8);
            String data = service.verify();
            CheckpointReply reply = checkpoint(service);
            assertTrue(reply.text().contains("delta of"), reply.text());
            assertTrue(snapshots.bytes(2) <= snapshots.bytes(1) / 3,
                    snapshots.bytes(2) + " bytes after " + snapshots.bytes(1));
            assertRestores(service, 2, data);
        }
    }

    @Test
    void pagesNeverLoadedStayReferencesAndAreNotRead() {
        try (Service original = checkpointed(G1, 192);
                Service restored = original.restore(snapshots.path(), "-Dthaw.prefetch=off")) {
            restored.awaitFirstAnswer();
            JCMD.status(restored.process());
            long readBefore = ProcessState.bytesRead(restored.pid());
            CheckpointReply reply = new CheckpointReply(JCMD.checkpoint(restored.process(), "keep_running=true"));
            long read = ProcessState.bytesRead(restored.pid()) - readBefore;
            assertTrue(reply.isDelta(), reply.text());
            assertTrue(snapshots.bytes(2) < snapshots.bytes(1) / 5, snapshots.bytes(2) + " bytes written");
            assertTrue(read < snapshots.bytes(1) / 5, read + " bytes read");
            assertFalse(JCMD.status(restored.process()).allLoaded());
            assertEquals(dataAtFirst, restored.verify());
            restored.process().kill();
            assertRestores(original, 2, dataAtFirst);
        }
    }

    @ParameterizedTest
    @EnumSource(Collector.class)
    void aChainOfSixRestoresAtEachDepthWithTheHeapVerifiedAtEachCollection(Collector collector) {
        List<String> flags = List.of(collector.flag(), "-Xmx256m", "-XX:+UnlockDiagnosticVMOptions",
                "-XX:+VerifyBeforeGC", "-XX:+VerifyAfterGC");
        List<String> data = new ArrayList<>();
        try (Service original = checkpointed(flags, 24)) {
            data.add(dataAtFirst);
            for (int number = 2; number <= 6; number++) {
                try (Service restored = original.restore(snapshots.path(), prefetchOf(number))) {
                    restored.awaitFirstAnswer();
                    restored.dirty(3);
                    if (number == 4) {
                        restored.get("/gc");
                    }
                    data.add(restored.verify());
                    CheckpointReply reply = checkpoint(restored);
                    assertTrue(reply.text().contains("delta of"), reply.text());
                }
            }
            for (int number = 1; number <= 6; number++) {
                assertRestores(original, number, data.get(number - 1));
            }
        }
    }

    @Test
    void aMissingParentMakesItFullAndTheReplySaysWhy() {
        try (Service original = checkpointed(G1, 24); Service restored = original.restore(snapshots.path())) {
            restored.awaitFirstAnswer();
            JCMD.awaitAllLoaded(restored.process());
            snapshots.delete(1);
            assertFullBecause(checkpoint(restored), "its parent snapshot is missing: " + snapshots.snapshot(1));
            assertRestores(original, snapshots.numbers().getLast(), dataAtFirst);
        }
    }

    @Test
    void aParentDeletedWhilePagesAreMissingIsReadToItsEnd() {
        try (Service original = checkpointed(G1, 64);
                Service restored = original.restore(snapshots.path(), "-Dthaw.prefetch=off")) {
            restored.awaitFirstAnswer();
            assertFalse(JCMD.status(restored.process()).allLoaded());
            snapshots.delete(1);
            assertFullBecause(checkpoint(restored), "its parent snapshot is missing: " + snapshots.snapshot(1));
            assertRestores(original, snapshots.numbers().getLast(), dataAtFirst);
        }
    }

    @Test
    void anotherSnapshotInTheParentsPlaceMakesItFullAndTheReplySaysWhy() throws IOException {
        try (SnapshotDirectory others = SnapshotDirectory.create();
                Service other = Service.start(others.path(), G1, 1);
                Service original = checkpointed(G1, 24);
                Service restored = original.restore(snapshots.path())) {
            other.awaitFirstAnswer();
            checkpoint(other);
            restored.awaitFirstAnswer();
            JCMD.awaitAllLoaded(restored.process());
            snapshots.delete(1);
            Files.move(others.snapshot(1), snapshots.snapshot(1));
            assertFullBecause(checkpoint(restored), "is in the place of its parent: " + snapshots.snapshot(1));
            assertRestores(original, 2, dataAtFirst);
        }
    }

    @Test
    void anotherFolderMakesItFullAndTheReplySaysWhy() {
        try (SnapshotDirectory elsewhere = SnapshotDirectory.create(); Service original = checkpointed(G1, 24);
                Service restored = original.restore(snapshots.path())) {
            restored.awaitFirstAnswer();
            assertFullBecause(checkpoint(restored, "to=" + elsewhere.path()),
                    "its parent snapshot is in another folder: " + snapshots.snapshot(1));
            assertEquals(List.of("0001"), elsewhere.names());
            snapshots.delete(1);
            assertRestores(original, elsewhere, 1, dataAtFirst);
        }
    }

    @Test
    void isFullWhenAskedTo() {
        try (Service original = checkpointed(G1, 24); Service restored = original.restore(snapshots.path())) {
            restored.awaitFirstAnswer();
            CheckpointReply reply = checkpoint(restored, "full=true");
            assertTrue(reply.isFull() && !reply.isDelta(), reply.text());
            snapshots.delete(1);
            assertRestores(original, 2, dataAtFirst);
        }
    }

    @Test
    void twoClonesWriteTwoDeltasIntoOneFolder() {
        try (Service original = checkpointed(G1, 24)) {
            String second;
            try (Service restored = original.restore(snapshots.path())) {
                restored.awaitFirstAnswer();
                restored.dirty(2);
                second = restored.verify();
                checkpoint(restored);
            }
            try (Service restored = original.restore(snapshots.snapshot(1))) {
                restored.awaitFirstAnswer();
                CheckpointReply reply = checkpoint(restored);
                assertTrue(reply.text().contains("delta of") && reply.text().contains("0003"), reply.text());
            }
            assertRestores(original, 2, second);
            assertRestores(original, 3, dataAtFirst);
        }
    }

    @Test
    void aMovedFolderRestoresAndGoesOnAsADelta() {
        try (Service original = checkpointed(G1, 24); SnapshotDirectory moved = snapshots.copy()) {
            snapshots.delete(1);
            try (Service restored = original.restore(moved.path())) {
                restored.awaitFirstAnswer();
                CheckpointReply reply = checkpoint(restored, "to=" + moved.path());
                assertTrue(reply.text().contains("delta of"), reply.text());
            }
            assertRestores(original, moved, 2, dataAtFirst);
        }
    }

    private static String prefetchOf(int number) {
        return number % 2 == 0 ? "-Dthaw.prefetch=on" : "-Dthaw.prefetch=off";
    }

    /** A service that was checkpointed into 0001 and has ended. */
    private Service checkpointed(List<String> flags, int megabytes) {
        Service service = Service.start(snapshots.path(), flags, megabytes);
        service.awaitFirstAnswer();
        dataAtFirst = service.verify();
        checkpoint(service);
        return service;
    }

    private static CheckpointReply checkpoint(Service service, String... options) {
        CheckpointReply reply = new CheckpointReply(JCMD.checkpoint(service.process(), options));
        service.process().mustExit(ThawCommand.CHECKPOINTED);
        return reply;
    }

    private static void assertFullBecause(CheckpointReply reply, String reason) {
        assertTrue(reply.isFull() && reply.text().contains(reason), reply.text());
    }

    private void assertRestores(Service original, int number, String data) {
        assertRestores(original, snapshots, number, data);
    }

    private static void assertRestores(Service original, SnapshotDirectory from, int number, String data) {
        try (Service restored = original.restore(from.snapshot(number))) {
            restored.awaitFirstAnswer();
            assertEquals(data, restored.verify());
            restored.get("/gc");
            assertEquals(data, restored.verify());
        }
    }
}
