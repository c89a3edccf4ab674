// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.ProcessState;
import dev.thaw.apps.drive.Service;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.drive.ThawStatus;
import dev.thaw.apps.harness.CProgram;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Only what is touched is loaded, the rest comes ahead of use; afterwards nothing needs the snapshot. */
class LazyTest {
    private static final int PAGE_BYTES = 4096;
    private static final int HEAP_MB = 256;
    private static final int WINDOW_PAGES = 16;
    private static final int ZONE_SHIFT = 32;
    private static final long ZONE = 0x2001;
    private static final Jcmd JCMD = Jcmd.ofThisJdk();

    private static SnapshotDirectory snapshots;
    private static Service original;
    private static String data;

    @BeforeAll
    static void checkpoint() {
        snapshots = SnapshotDirectory.create();
        original = Service.start(snapshots.path(), List.of("-XX:+UseG1GC", "-Xmx512m"), HEAP_MB);
        original.awaitFirstAnswer();
        data = original.verify();
        JCMD.checkpoint(original.process());
        original.process().mustExit(ThawCommand.CHECKPOINTED);
    }

    @AfterAll
    static void delete() {
        original.close();
        snapshots.close();
    }

    @Test
    void underAFifthIsResidentAtTheFirstAnswerAndNoMappingNamesTheSnapshot() {
        try (Service restored = original.restore(snapshots.path(), "-Dthaw.prefetch=off")) {
            restored.awaitFirstAnswer();
            List<ProcessState.Mapping> mappings = ProcessState.mappings(restored.pid());
            long resident = mappings.stream().mapToLong(ProcessState.Mapping::residentBytes).sum();
            long stored = JCMD.status(restored.process()).number("pages total") * PAGE_BYTES;
            assertTrue(stored > (long) HEAP_MB << 20, "only " + stored + " bytes stored");
            assertTrue(resident < stored / 5, resident + " bytes resident of " + stored);
            List<ProcessState.Mapping> ofSnapshot = mappings.stream()
                    .filter(mapping -> mapping.path().contains(snapshots.path().getFileName().toString())).toList();
            assertEquals(List.of(), ofSnapshot);
            assertEquals(data, restored.verify());
        }
    }

    /** Thaw's zone of the address space (engine/zone.h): what the fault path needs is there before the first fault. */
    @Test
    void nothingIsMappedForLoadingOnceItIsRestored() {
        try (Service restored = original.restore(snapshots.path(), "-Dthaw.record=0")) {
            restored.awaitFirstAnswer();
            long atFirst = zoneBytes(restored.pid());
            assertTrue(atFirst > 0);
            assertEquals(data, restored.verify());
            JCMD.awaitAllLoaded(restored.process());
            assertTrue(zoneBytes(restored.pid()) <= atFirst, zoneBytes(restored.pid()) + " bytes, at first " + atFirst);
        }
    }

    private static long zoneBytes(long pid) {
        return ProcessState.mappings(pid).stream().filter(mapping -> mapping.start() >> ZONE_SHIFT == ZONE)
                .mapToLong(ProcessState.Mapping::bytes).sum();
    }

    @Test
    void countsWhatWasLoadedAndHow() {
        try (Service restored = original.restore(snapshots.path(), "-Dthaw.prefetch=off")) {
            restored.awaitFirstAnswer();
            ThawStatus before = JCMD.status(restored.process());
            assertFalse(before.allLoaded(), before.text());
            assertEquals(0, before.number("loaded ahead"), before.text());
            assertTrue(before.number("faults") > 0, before.text());
            assertTrue(before.number("missing") > before.number("pages total") / 2, before.text());
            restored.verify();
            ThawStatus after = JCMD.status(restored.process());
            long heapPages = (long) HEAP_MB << 20 >> 12;
            assertTrue(after.number("loaded on demand") - before.number("loaded on demand") > heapPages * 8 / 10,
                    before.text() + "\n" + after.text());
            assertTrue(after.number("missing") < before.number("missing") - heapPages * 8 / 10, after.text());
            long faults = after.number("faults") - before.number("faults");
            assertTrue(after.number("loaded on demand") - before.number("loaded on demand") > WINDOW_PAGES * 3 / 2 * faults,
                    "records lie one behind the other, and the windows did not grow: " + before.text() + "\n" + after.text());
        }
    }

    @Test
    void loadsAheadUntilNothingIsMissingAndThenNeedsNoSnapshot() {
        try (SnapshotDirectory copy = snapshots.copy();
                Service restored = original.restore(copy.path())) {
            restored.awaitFirstAnswer();
            ThawStatus status = JCMD.awaitAllLoaded(restored.process());
            assertEquals(0, status.number("missing"), status.text());
            assertTrue(status.number("loaded ahead") > 0, status.text());
            copy.delete(1);
            String name = copy.path().getFileName().toString();
            List<String> open = ProcessState.openFiles(restored.pid()).stream()
                    .filter(file -> file.contains(name)).toList();
            assertEquals(List.of(), open);
            assertEquals(data, restored.verify());
            restored.get("/gc");
            restored.dirty(8);
            restored.verify();
        }
    }

    @Test
    void eagerAndLazyOffLoadEverythingBeforeTheThreadsRun() {
        for (String option : List.of("--eager", "-Dthaw.lazy=off")) {
            try (Service restored = original.restore(snapshots.path(), option)) {
                restored.awaitFirstAnswer();
                ThawStatus status = JCMD.status(restored.process());
                assertTrue(status.allLoaded(), option + "\n" + status.text());
                assertEquals(0, status.number("loaded on demand"), status.text());
                assertEquals(data, restored.verify());
            }
        }
    }

    @Test
    void aCollectionWhilePagesAreMissingIsRight() {
        for (String option : List.of("-Dthaw.prefetch=off", "-Dthaw.prefetch=on")) {
            try (Service restored = original.restore(snapshots.path(), option)) {
                restored.awaitFirstAnswer();
                restored.get("/gc");
                assertEquals(data, restored.verify());
            }
        }
    }

    @Test
    void withoutUserfaultfdEverythingIsFilledFirstAndOneLineSaysSo() {
        List<String> forbidden = List.of(CProgram.executable("without_userfaultfd").toString());
        try (Service restored = original.restore(forbidden, snapshots.path())) {
            restored.awaitFirstAnswer();
            assertTrue(JCMD.status(restored.process()).allLoaded());
            assertEquals(data, restored.verify());
            List<String> said = restored.process().errorOutput();
            assertEquals(1, said.size(), said.toString());
            assertTrue(said.get(0).startsWith("thaw: ") && said.get(0).contains("userfaultfd"), said.toString());
            try (SnapshotDirectory other = SnapshotDirectory.create()) {
                String reply = JCMD.checkpoint(restored.process(), "to=" + other.path(), "keep_running=true");
                assertTrue(reply.contains("full"), reply);
            }
        }
    }
}
