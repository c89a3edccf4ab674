// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.Collector;
import dev.thaw.apps.harness.JvmUnderTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every single thread gets on after a checkpoint and after a restore. */
class ThreadZooTest {
    private final SnapshotDirectory snapshots = SnapshotDirectory.create();

    @AfterEach
    void delete() {
        snapshots.close();
    }

    @ParameterizedTest
    @EnumSource(Collector.class)
    void eachKindGetsOnThroughTwoRestores(Collector collector) {
        try (RunningProcess zoo = start(80, collector.flag())) {
            checkpoint(zoo);
        }
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            assertProgress(restored, 80);
            checkpoint(restored);
        }
        assertRestoresAndEnds(80);
    }

    @Test
    void aThousandThreadsGetOn() {
        try (RunningProcess zoo = start(1000, "-XX:+UseG1GC")) {
            checkpoint(zoo);
        }
        assertRestoresAndEnds(1000);
    }

    @Test
    void virtualThreadsGetOn() {
        try (RunningProcess zoo = JvmUnderTest.withAgent(snapshots.path()).start("ThreadZoo", "200", "virtual")) {
            zoo.awaitLine("ready");
            checkpoint(zoo);
        }
        assertRestoresAndEnds(200);
    }

    /** Each of them once a round. */
    @Test
    void tenThousandVirtualThreadsGetOn() {
        try (RunningProcess ring = JvmUnderTest.withAgent(snapshots.path()).start("VirtualRing", "10000")) {
            ring.awaitLine("ready");
            assertRound(ring);
            checkpoint(ring);
        }
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            assertRound(restored);
            checkpoint(restored);
        }
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            assertRound(restored);
            assertEnds(restored);
        }
    }

    private static void assertRound(RunningProcess ring) {
        ring.send("round");
        assertEquals("10000", ring.awaitLine("round of ([0-9]+)").group(1));
    }

    @Test
    void allGetOnInTheOriginalThatKeepsRunning() {
        try (RunningProcess zoo = start(80, "-XX:+UseParallelGC")) {
            for (int i = 0; i < 3; i++) {
                Jcmd.ofThisJdk().checkpoint(zoo, "keep_running=true");
                assertProgress(zoo, 80);
            }
            assertEnds(zoo);
        }
        assertRestoresAndEnds(80);
    }

    @Test
    void interpretedAndC1CodeGetOn() {
        for (String mode : new String[] {"-Xint", "-XX:TieredStopAtLevel=1"}) {
            try (RunningProcess zoo = start(30, mode)) {
                checkpoint(zoo);
            }
            assertRestoresAndEnds(30);
        }
    }

    private RunningProcess start(int threads, String flag) {
        RunningProcess zoo = JvmUnderTest.withAgent(snapshots.path()).options(flag, "-Xmx512m")
                .start("ThreadZoo", Integer.toString(threads));
        zoo.awaitLine("progress ok: " + threads + " threads");
        zoo.awaitLine("ready");
        return zoo;
    }

    private static void checkpoint(RunningProcess zoo) {
        Jcmd.ofThisJdk().checkpoint(zoo);
        assertTrue(zoo.errorOutput().isEmpty(), zoo.errorOutput().toString());
        zoo.mustExit(ThawCommand.CHECKPOINTED);
    }

    private void assertRestoresAndEnds(int threads) {
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            assertProgress(restored, threads);
            assertEnds(restored);
        }
    }

    private static void assertProgress(RunningProcess zoo, int threads) {
        zoo.send("progress");
        String answer = zoo.awaitLine("progress .*").group();
        if (!answer.equals("progress ok: " + threads + " threads")) {
            throw zoo.hang(answer);
        }
    }

    private static void assertEnds(RunningProcess zoo) {
        zoo.send("end");
        zoo.awaitLine("ended clean");
        zoo.mustExit(0);
    }
}
