// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.Completed;
import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.Service;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.drive.ThawStatus;
import dev.thaw.apps.harness.Damage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The first restores record which pages are touched; later ones load them in bulk before the threads run. */
class WorkingSetTest {
    private static final int HEADER_BYTES = 40;
    private static final int ID_OFFSET = 8;
    private static final int ROUNDS_OFFSET = 32;
    private static final int CRC_OFFSET = 36;
    private static final Jcmd JCMD = Jcmd.ofThisJdk();

    private SnapshotDirectory snapshots;
    private Service original;
    private String data;

    @BeforeEach
    void checkpoint() {
        snapshots = SnapshotDirectory.create();
        original = Service.start(snapshots.path(), List.of("-XX:+UseG1GC", "-Xmx256m"), 32);
        original.awaitFirstAnswer();
        data = original.verify();
        JCMD.checkpoint(original.process());
        original.process().mustExit(ThawCommand.CHECKPOINTED);
    }

    @AfterEach
    void delete() {
        original.close();
        snapshots.close();
    }

    @Test
    void theFirstTwoRestoresRecordAndTheThirdHasHardlyAFault() {
        ThawStatus first = recorded();
        assertEquals(0, first.number("working set rounds"), first.text());
        assertEquals(0, first.number("working set pages"), first.text());
        ThawStatus second = recorded();
        assertEquals(1, second.number("working set rounds"), second.text());
        ThawStatus third = recorded();
        assertEquals(2, third.number("working set rounds"), third.text());
        assertTrue(third.number("working set pages") > second.number("working set pages"), second + "\n" + third);
        assertTrue(third.number("pages loaded first") > 2 * first.number("pages loaded first"), first + "\n" + third);
        assertTrue(third.number("faults") < first.number("faults") / 2, first + "\n" + third);
    }

    /** Its pages have other places in the new image; what the process has freed since is in it no more. */
    @Test
    void aDeltaInheritsTheRecord() {
        recorded();
        recorded();
        try (Service restored = original.restore(snapshots.path())) {
            restored.awaitFirstAnswer();
            restored.dirty(8);
            data = restored.verify();
            ThawStatus status = JCMD.status(restored.process());
            JCMD.checkpoint(restored.process());
            restored.process().mustExit(ThawCommand.CHECKPOINTED);
            ThawStatus delta = recorded();
            assertEquals(2, delta.number("working set rounds"), delta.text());
            assertTrue(delta.number("working set pages") > status.number("working set pages") / 2,
                    status + "\n" + delta);
            assertTrue(delta.number("faults") < 500, delta.text());
        }
    }

    @Test
    void aRestoreThatIsKilledAfterItsFirstAnswersLeavesItsRecord() throws IOException {
        try (Service restored = original.restore(snapshots.path())) {
            restored.awaitFirstAnswer();
            JCMD.awaitStatus(restored.process(), status -> Files.exists(workingSet()), "written its record");
            restored.process().kill();
        }
        try (Service again = original.restore(snapshots.path())) {
            again.awaitFirstAnswer();
            ThawStatus status = JCMD.status(again.process());
            assertEquals(1, status.number("working set rounds"), status.text());
            assertTrue(status.number("working set pages") > 0, status.text());
        }
    }

    @Test
    void aDamagedRecordIsNotUsed() throws IOException {
        recorded();
        byte[] whole = Files.readAllBytes(workingSet());
        int runs = (whole.length - HEADER_BYTES) / Long.BYTES;
        assertTrue(runs > 10, runs + " runs");
        List<Consumer<Path>> damages = List.of(
                file -> Damage.flipBit(file, 0, 3),
                file -> Damage.flipBit(file, ID_OFFSET, 0),
                file -> Damage.flipBit(file, CRC_OFFSET, 7),
                file -> Damage.flipBit(file, ROUNDS_OFFSET, 1),
                file -> Damage.flipBit(file, HEADER_BYTES + runs * Long.BYTES / 2, 5),
                file -> Damage.truncate(file, whole.length - Long.BYTES),
                file -> Damage.truncate(file, whole.length + Long.BYTES),
                file -> Damage.truncate(file, 1),
                file -> Damage.truncate(file, 0));
        for (Consumer<Path> damage : damages) {
            Files.write(workingSet(), whole);
            damage.accept(workingSet());
            try (Service restored = original.restore(snapshots.path())) {
                restored.awaitFirstAnswer();
                ThawStatus status = JCMD.status(restored.process());
                assertEquals(0, status.number("working set rounds"), status.text());
                assertEquals(0, status.number("working set pages"), status.text());
                assertEquals(data, restored.verify());
            }
        }
    }

    @Test
    void nothingIsRecordedWithPrefetchOff() {
        try (Service restored = original.restore(snapshots.path(), "-Dthaw.prefetch=off")) {
            restored.awaitFirstAnswer();
            ThawStatus status = JCMD.status(restored.process());
            assertEquals("no", status.value("working set recording"), status.text());
        }
        assertFalse(Files.exists(workingSet()));
    }

    @Test
    void whatHasBeenRecordedIsUsedThoughNothingIsRecordedAnyMore() {
        try (Service restored = original.restore(snapshots.path(), "-Dthaw.record=0")) {
            restored.awaitFirstAnswer();
            assertEquals("no", JCMD.status(restored.process()).value("working set recording"));
        }
        assertFalse(Files.exists(workingSet()));
        recorded();
        try (Service restored = original.restore(snapshots.path(), "-Dthaw.record=0")) {
            restored.awaitFirstAnswer();
            ThawStatus status = JCMD.status(restored.process());
            assertEquals("no", status.value("working set recording"), status.text());
            assertEquals(1, status.number("working set rounds"), status.text());
        }
    }

    @Test
    void itIsRecordedAsLongAsTold() {
        try (Service restored = original.restore(snapshots.path(), "-Dthaw.record=3600000")) {
            restored.awaitFirstAnswer();
            JCMD.awaitStatus(restored.process(), status -> Files.exists(workingSet()), "written its record");
            ThawStatus status = JCMD.status(restored.process());
            assertEquals("yes", status.value("working set recording"), status.text());
            assertTrue(status.number("missing") > 0, status.text());
        }
    }

    @Test
    void aTimeThatIsNoneIsRefused() {
        for (String time : List.of("", "-1", "1s", "3600001", "99999999999999999999")) {
            Completed refused = ThawCommand.run("restore", snapshots.path().toString(), "-Dthaw.record=" + time);
            assertEquals("thaw: -Dthaw.record is a number of milliseconds, 0 to 3600000, not " + time,
                    refused.output());
            assertEquals(2, refused.status());
        }
    }

    private Path workingSet() {
        return snapshots.snapshot(1).resolve("working-set");
    }

    /** The status after the first answer of a restore that then recorded to its end. */
    private ThawStatus recorded() {
        try (Service restored = original.restore(snapshots.path())) {
            restored.awaitFirstAnswer();
            ThawStatus status = JCMD.status(restored.process());
            JCMD.awaitStatus(restored.process(),
                    now -> now.value("working set recording").equals("no"), "ended its record");
            JCMD.awaitAllLoaded(restored.process());
            assertEquals(data, restored.verify());
            return status;
        }
    }
}
