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
import dev.thaw.apps.drive.ThawStatus;
import dev.thaw.apps.harness.Collector;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The heap is moved in by 2 MiB, writable at first: what is written then must be found by the next delta all the same. */
class HugePagesTest {
    private static final int HEAP_MB = 192;
    private static final int DIRTY_MB = 4;
    private static final long HEAP_PAGES = (long) HEAP_MB << 20 >> 12;
    private static final Jcmd JCMD = Jcmd.ofThisJdk();

    @ParameterizedTest
    @EnumSource
    void whatIsWrittenBeforeItIsProtectedIsInTheDelta(Collector collector) {
        writeWhileItIsLoaded(collector, "-Dthaw.record=0");
    }

    @ParameterizedTest
    @EnumSource
    void theSameWhenMovesAndReadsFail(Collector collector) {
        writeWhileItIsLoaded(collector, "-Dthaw.record=0", "-Dthaw.inject=short-read,eagain,enomem,partial-copy");
    }

    private static void writeWhileItIsLoaded(Collector collector, String... options) {
        try (SnapshotDirectory snapshots = SnapshotDirectory.create();
                Service original = checkpointed(collector, snapshots);
                Service restored = original.restore(snapshots.path(), options)) {
            restored.awaitFirstAnswer();
            ThawStatus status;
            do {
                restored.dirty(DIRTY_MB);
                status = JCMD.status(restored.process());
            } while (!status.allLoaded());
            String data = restored.verify();
            assertTrue(status.number("loaded by huge pages") > HEAP_PAGES / 2, status.text());
            CheckpointReply delta = new CheckpointReply(JCMD.checkpoint(restored.process()));
            restored.process().mustExit(ThawCommand.CHECKPOINTED);
            assertTrue(delta.isDelta(), delta.text());
            try (Service again = original.restore(snapshots.path())) {
                again.awaitFirstAnswer();
                assertEquals(data, again.verify());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsOnlyReadIsNotInTheDelta(Collector collector) {
        try (SnapshotDirectory snapshots = SnapshotDirectory.create();
                Service original = checkpointed(collector, snapshots);
                Service restored = original.restore(snapshots.path(), "-Dthaw.record=0")) {
            restored.awaitFirstAnswer();
            JCMD.awaitAllLoaded(restored.process());
            JCMD.checkpoint(restored.process());
            restored.process().mustExit(ThawCommand.CHECKPOINTED);
            long full = snapshots.bytes(1);
            assertTrue(snapshots.bytes(2) < full / 4, snapshots.bytes(2) + " of " + full);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aCollectionRightAfterTheRestoreDoesNotLoadByFaults(Collector collector) {
        try (SnapshotDirectory snapshots = SnapshotDirectory.create();
                Service original = checkpointed(collector, snapshots);
                Service restored = original.restore(snapshots.path())) {
            restored.awaitFirstAnswer();
            restored.get("/gc");
            ThawStatus status = JCMD.status(restored.process());
            assertTrue(status.number("loaded by huge pages") > HEAP_PAGES / 2, status.text());
            restored.verify();
        }
    }

    /** While all is loaded in a hurry the heap is advised to have huge pages; no later process inherits that. */
    @Test
    void theAdviceOfTheHeapIsTheApplications() {
        try (SnapshotDirectory snapshots = SnapshotDirectory.create();
                Service original = checkpointed(Collector.G1, snapshots);
                Service restored = original.restore(snapshots.path())) {
            restored.awaitFirstAnswer();
            restored.get("/gc");
            JCMD.awaitAllLoaded(restored.process());
            assertFalse(heapFlags(restored).contains("hg"), "MADV_HUGEPAGE is left: " + heapFlags(restored));
            JCMD.checkpoint(restored.process());
            restored.process().mustExit(ThawCommand.CHECKPOINTED);
            try (Service again = original.restore(snapshots.path(), "--eager")) {
                again.awaitFirstAnswer();
                assertTrue(Collections.disjoint(heapFlags(again), List.of("hg", "nh")), heapFlags(again).toString());
            }
        }
    }

    private static List<String> heapFlags(Service service) {
        return ProcessState.mappings(service.process().pid()).stream()
                .max(Comparator.comparingLong(ProcessState.Mapping::anonymousBytes)).orElseThrow().flags();
    }

    private static Service checkpointed(Collector collector, SnapshotDirectory snapshots) {
        Service original = Service.start(snapshots.path(), List.of(collector.flag(), "-Xmx512m"), HEAP_MB);
        original.awaitFirstAnswer();
        JCMD.checkpoint(original.process());
        original.process().mustExit(ThawCommand.CHECKPOINTED);
        return original;
    }
}
