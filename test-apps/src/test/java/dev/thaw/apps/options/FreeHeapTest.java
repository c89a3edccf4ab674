// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.Collector;
import dev.thaw.apps.harness.JvmUnderTest;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a collection or free(3) frees is not stored, and HotSpot's flags are as they were. */
class FreeHeapTest {
    private static final long MEGABYTE = 1L << 20;

    /** G1 gives back where all of it was; of Serial and Parallel, what litter leaves in eden is overwritten. */
    @ParameterizedTest
    @CsvSource({"G1, garbage 128, 100", "SERIAL, litter 256, 40", "PARALLEL, litter 256, 30"})
    void aFullSnapshotDoesNotHoldWhatWasCollected(Collector collector, String command, int leastMegabytes) {
        try (SnapshotDirectory snapshots = SnapshotDirectory.create();
                RunningProcess app = JvmUnderTest.withAgent(snapshots.path()).options(collector.flag(), "-Xmx512m",
                        "-XX:InitialHeapSize=256m", "-XX:MaxHeapFreeRatio=60").start("options.Asking")) {
            app.send(command);
            app.awaitLine("garbage [0-9]+");
            Jcmd jcmd = Jcmd.ofThisJdk();
            String flags = freeRatios(jcmd, app);
            assertTrue(flags.contains("MaxHeapFreeRatio=60"), flags);
            jcmd.checkpoint(app, "keep_running", "gc=false");
            jcmd.checkpoint(app, "keep_running", "full");
            long saved = snapshots.bytes(1) - snapshots.bytes(2);
            assertTrue(saved > leastMegabytes * MEGABYTE, "full snapshots of " + snapshots.bytes(1) / MEGABYTE
                    + " MB without and " + snapshots.bytes(2) / MEGABYTE + " MB with a collection");
            assertEquals(flags, freeRatios(jcmd, app));
            app.kill();
            try (RunningProcess restored = ThawCommand.restore(snapshots.snapshot(2))) {
                String collections = collections(jcmd, restored);
                restored.send("garbage 1");
                restored.awaitLine("garbage 1");
                if (collector != Collector.G1) { // whose eden is as large as it thinks fit
                    assertEquals(collections, collections(jcmd, restored), "it began with a collection");
                }
                restored.send(command);
                restored.awaitLine("garbage [0-9]+");
            }
        }
    }

    /** Each page of eden was written since the snapshot, and nothing in it lives. */
    @Test
    void aDeltaOfG1DoesNotHoldWhatIsDead() {
        try (SnapshotDirectory snapshots = SnapshotDirectory.create();
                RunningProcess app = JvmUnderTest.withAgent(snapshots.path()).options(Collector.G1.flag(), "-Xmx512m",
                        "-Xms256m").start("options.Asking")) {
            Jcmd jcmd = Jcmd.ofThisJdk();
            app.send("now");
            app.awaitLine("now .*");
            jcmd.checkpoint(app);
            app.mustExit(ThawCommand.CHECKPOINTED);
            for (String gc : List.of("gc=auto", "gc=young")) {
                try (RunningProcess restored = ThawCommand.restore(snapshots.snapshot(1))) {
                    restored.send("litter 48");
                    restored.awaitLine("garbage [0-9]+");
                    jcmd.checkpoint(restored, gc);
                    restored.mustExit(ThawCommand.CHECKPOINTED);
                }
            }
            long saved = snapshots.bytes(2) - snapshots.bytes(3);
            assertTrue(saved > snapshots.bytes(2) / 3, "deltas of " + snapshots.bytes(2) / MEGABYTE + " MB without and "
                    + snapshots.bytes(3) / MEGABYTE + " MB with a young collection");
            try (RunningProcess restored = ThawCommand.restore(snapshots.snapshot(3))) {
                restored.send("litter 64");
                restored.awaitLine("garbage [0-9]+");
            }
        }
    }

    /** malloc has them in its lists, with what was written to them. */
    @Test
    void aFullSnapshotDoesNotHoldFreedNativeMemory() {
        try (SnapshotDirectory snapshots = SnapshotDirectory.create();
                RunningProcess app = JvmUnderTest.withAgent(snapshots.path())
                        .options("-XX:+UseSerialGC", "-Xmx64m", "--enable-native-access=ALL-UNNAMED")
                        .start("options.FreedNatively", "128")) {
            app.awaitLine("freed");
            Jcmd.ofThisJdk().checkpoint(app);
            app.mustExit(ThawCommand.CHECKPOINTED);
            assertTrue(snapshots.bytes(1) < 128 * MEGABYTE, snapshots.bytes(1) / MEGABYTE + " MB");
            try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
                restored.send("last");
                restored.awaitLine("last 42");
            }
        }
    }

    private static String collections(Jcmd jcmd, RunningProcess app) {
        return jcmd.run(app.pid(), "PerfCounter.print").output().lines()
                .filter(line -> line.matches("sun\\.gc\\.collector\\.[0-9]\\.invocations=.*"))
                .collect(Collectors.joining(" "));
    }

    private static String freeRatios(Jcmd jcmd, RunningProcess app) {
        return jcmd.run(app.pid(), "VM.flags", "-all").output().lines()
                .filter(line -> line.matches(".* M(in|ax)HeapFreeRatio .*"))
                .map(line -> line.replaceAll("\\{.*", "").replace(" ", "")).collect(Collectors.joining(" "));
    }
}
