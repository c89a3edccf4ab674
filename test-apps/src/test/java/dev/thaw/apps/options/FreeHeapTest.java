// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.Service;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.harness.Collector;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a collection frees is not stored, and HotSpot's flags are as they were. */
class FreeHeapTest {
    private static final int LIVE_MB = 64;
    private static final long MEGABYTE = 1L << 20;

    @ParameterizedTest
    @EnumSource(Collector.class)
    void aFullSnapshotHoldsLittleMoreThanWhatLives(Collector collector) {
        List<String> flags = List.of(collector.flag(), "-Xmx512m", "-XX:InitialHeapSize=256m", "-XX:MaxHeapFreeRatio=60");
        try (SnapshotDirectory snapshots = SnapshotDirectory.create();
                Service service = Service.start(snapshots.path(), flags, LIVE_MB)) {
            service.awaitFirstAnswer();
            service.dirty(2 * LIVE_MB); // garbage in all of the young generation
            String records = service.verify();
            Jcmd jcmd = Jcmd.ofThisJdk();
            String flagsBefore = freeRatios(jcmd, service);
            assertTrue(flagsBefore.contains("MaxHeapFreeRatio=60"), flagsBefore);
            jcmd.checkpoint(service.process(), "keep_running", "gc=false");
            jcmd.checkpoint(service.process(), "keep_running", "full");
            long saved = snapshots.bytes(1) - snapshots.bytes(2);
            assertTrue(saved > LIVE_MB * MEGABYTE / 2, "full snapshots of " + snapshots.bytes(1) / MEGABYTE
                    + " MB without and " + snapshots.bytes(2) / MEGABYTE + " MB with a collection");
            assertEquals(flagsBefore, freeRatios(jcmd, service));
            assertEquals(records, service.verify());
            service.process().kill();
            try (Service restored = service.restore(snapshots.snapshot(2))) {
                restored.awaitFirstAnswer();
                assertEquals(records, restored.verify());
            }
        }
    }

    private static String freeRatios(Jcmd jcmd, Service service) {
        return jcmd.run(service.pid(), "VM.flags", "-all").output().lines()
                .filter(line -> line.matches(".* M(in|ax)HeapFreeRatio .*"))
                .map(line -> line.replaceAll("\\{.*", "").replace(" ", "")).collect(Collectors.joining(" "));
    }
}
