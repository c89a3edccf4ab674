// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.Completed;
import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.Service;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.drive.ThawStatus;
import dev.thaw.apps.harness.Collector;
import dev.thaw.apps.harness.JvmUnderTest;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the kernel and the disk can do to the fault path, done on purpose: the bytes stay right. */
class InjectedFaultsTest {
    private static final String ALL = "short-read,slow-disk,eagain,enomem,partial-copy";
    private static final int ROUNDS = Integer.getInteger("thaw.soak", 2);
    /** -Dthaw.soak.inject=, -Dthaw.soak.acts=: the names of those that a soak is to be of. */
    private static final String INJECTED = System.getProperty("thaw.soak.inject", ALL);
    private static final String ACTS = System.getProperty("thaw.soak.acts", "discard,map-over,protect,move,write,write,read,read");
    private static final Jcmd JCMD = Jcmd.ofThisJdk();

    @ParameterizedTest
    @ValueSource(strings = {"short-read", "slow-disk", "eagain", "enomem", "partial-copy"})
    void eachIsMadeAndCountedAndEveryByteIsRight(String injection) {
        try (SnapshotDirectory snapshots = SnapshotDirectory.create();
                Service original = Service.start(snapshots.path(), List.of(Collector.G1.flag(), "-Xmx256m"), 48)) {
            original.awaitFirstAnswer();
            String data = original.verify();
            JCMD.checkpoint(original.process());
            original.process().mustExit(ThawCommand.CHECKPOINTED);
            try (Service restored = original.restore(snapshots.path(), "-Dthaw.inject=" + injection)) {
                restored.awaitFirstAnswer();
                assertEquals(data, restored.verify());
                ThawStatus status = JCMD.awaitAllLoaded(restored.process());
                assertTrue(status.number("faults injected") > 0, status.text());
                assertEquals(0, status.number("missing"), status.text());
                assertEquals(data, restored.verify());
            }
        }
    }

    /** A disk thread is at the page, or about to be, when its discarding is noted: who waits for it is woken all the same. */
    @Test
    void aPageThatIsDiscardedWhileTheDiskIsWaitedForIsZero() {
        try (SnapshotDirectory snapshots = SnapshotDirectory.create();
                RunningProcess original = JvmUnderTest.withAgent(snapshots.path())
                        .options("-Xmx64m", "--enable-native-access=ALL-UNNAMED").start("DiscardWhileRead")) {
            original.awaitLine("ready");
            JCMD.checkpoint(original);
            original.mustExit(ThawCommand.CHECKPOINTED);
            try (RunningProcess restored = ThawCommand.restore(snapshots.path(), "-Dthaw.inject=slow-disk",
                    "-Dthaw.prefetch=off")) {
                restored.send("go");
                assertEquals("done", restored.awaitLine("wrong.*|done").group());
            }
        }
    }

    /** -Dthaw.soak=N: N rounds for each collector. In every second one a checkpoint is taken of what is still loaded, and goes on. */
    @ParameterizedTest
    @EnumSource
    void memoryThatIsUnmappedMovedAndWrittenWhileItIsLoadedStaysRight(Collector collector) {
        String seed = Long.toString(System.nanoTime());
        System.out.println("HostileMemory seed " + seed);
        try (SnapshotDirectory snapshots = SnapshotDirectory.create()) {
            RunningProcess running = JvmUnderTest.withAgent(snapshots.path())
                    .options(collector.flag(), "-Xmx128m")
                    .start("HostileMemory", "2", ROUNDS > 2 ? "4096" : "1024", seed, ROUNDS > 2 ? "32" : "12", ACTS);
            try {
                running.awaitLine("ready");
                long byHugePages = 0;
                for (int round = 1; round <= ROUNDS; round++) {
                    must(running, "progress");
                    JCMD.checkpoint(running, round % 8 == 0 ? "full=true" : "full=false");
                    running.mustExit(ThawCommand.CHECKPOINTED);
                    running = ThawCommand.restore(snapshots.path(), "-Dthaw.inject=" + INJECTED,
                            "-Dthaw.prefetch=" + (round % 2 == 0 ? "off" : "on"));
                    must(running, "progress");
                    if (round % 2 == 0) {
                        JCMD.checkpoint(running, "keep_running=true");
                        must(running, "progress");
                    }
                    must(running, "sweep");
                    byHugePages += JCMD.status(running).number("loaded by huge pages");
                }
                ThawStatus status = JCMD.status(running);
                assertTrue(status.number("faults injected") > 0, status.text());
                assertTrue(status.number("faults from disk") > 0, status.text());
                assertTrue(status.number("faults beside a wait for the disk") > 0, status.text());
                running.send("end");
                assertEquals("ended clean", running.awaitLine("(ended|wrong).*").group());
                running.mustExit(0);
                /* Which blocks are whole when the loader comes is up to the hostile threads: HugePagesTest asserts on blocks. */
                System.out.println(collector + ": " + byHugePages + " pages came in by huge pages");
            } finally {
                running.close();
            }
        }
    }

    private static void must(RunningProcess process, String command) {
        process.send(command);
        assertEquals(command + " ok", process.awaitLine("(" + command + "|wrong).*").group());
    }

    @Test
    void anUnknownNameIsRefusedInASentence() {
        Completed refused = ThawCommand.run("restore", "nowhere", "-Dthaw.inject=short-read,flood");
        assertEquals(2, refused.status());
        assertTrue(refused.output().contains("thaw.inject knows short-read, slow-disk, eagain, enomem and partial-copy, not flood"),
                refused.output());
    }
}
