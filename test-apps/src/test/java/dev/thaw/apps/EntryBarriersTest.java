// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.Service;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.harness.Collector;
import dev.thaw.apps.harness.MetaFile;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The collection before a full snapshot arms every compiled method; the first call of each would write into its code. */
class EntryBarriersTest {
    private static final int CODE = 7; // PROT_READ | PROT_WRITE | PROT_EXEC
    private static final int WARM_UPS = 300;
    private static final int AGAIN = 20;

    @ParameterizedTest
    @EnumSource
    void codeIsNotWrittenWhenItRunsAgain(Collector collector) {
        try (SnapshotDirectory snapshots = SnapshotDirectory.create();
                Service service = Service.start(snapshots.path(), List.of(collector.flag(), "-Xmx256m",
                        "-XX:TieredStopAtLevel=1", "-Xbatch"), 16)) {
            service.awaitFirstAnswer();
            serve(service, WARM_UPS);
            Jcmd jcmd = Jcmd.ofThisJdk();
            jcmd.checkpoint(service.process(), "keep_running");
            serve(service, AGAIN);
            jcmd.checkpoint(service.process(), "keep_running");
            MetaFile delta = MetaFile.read(snapshots.snapshot(2).resolve("meta"));
            long all = 0;
            long written = 0;
            for (int region = 0; region < delta.getLong("regions.count"); region++) {
                if (delta.get("region[" + region + "].prot") == CODE) {
                    all += pages(delta, region, false);
                    written += pages(delta, region, true);
                }
            }
            assertTrue(all > 0 && written < all / 8, written + " of " + all + " pages of code were written");
        }
    }

    private static void serve(Service service, int times) {
        for (int i = 0; i < times; i++) {
            service.get("/hello");
        }
    }

    private static long pages(MetaFile meta, int region, boolean own) {
        long first = meta.getLong("region[" + region + "].first_extent");
        long pages = 0;
        for (long i = first; i < first + meta.getLong("region[" + region + "].extents"); i++) {
            if (!own || meta.get("extent[" + i + "].source") == 0) {
                pages += meta.get("extent[" + i + "].pages");
            }
        }
        return pages;
    }
}
