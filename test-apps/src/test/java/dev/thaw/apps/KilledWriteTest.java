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
import dev.thaw.apps.harness.JvmUnderTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** kill -9 while a snapshot is written leaves the earlier ones as they were, and leftovers that go away. */
class KilledWriteTest {
    private static final int HEAP_MB = 96;

    private final long seed = Long.getLong("thaw.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final SnapshotDirectory snapshots = SnapshotDirectory.create();

    @AfterEach
    void delete() {
        snapshots.close();
    }

    @Test
    void leavesOnlyCompleteSnapshotsAtWhateverMomentItDies() {
        String data;
        try (Service first = Service.start(snapshots.path(), List.of(), HEAP_MB)) {
            first.awaitFirstAnswer();
            data = first.verify();
            Jcmd.ofThisJdk().checkpoint(first.process());
            first.process().mustExit(ThawCommand.CHECKPOINTED);
            int killed = 0;
            for (int round = 0; round < 8; round++) {
                long afterBytes = round == 0 ? 1 : random.nextLong((long) HEAP_MB << 20);
                killed += killWhileWriting(first, data, afterBytes) ? 1 : 0;
            }
            assertTrue(killed >= 4, "only " + killed + " of 8 were killed while they wrote; seed " + seed);
            assertNextCheckpointCleans(first, data);
        }
    }

    /** True when the process died before its snapshot was in place. */
    private boolean killWhileWriting(Service original, String data, long afterBytes) {
        int complete = snapshots.numbers().size();
        List<String> before = snapshots.names();
        try (Service restored = original.restore(snapshots.snapshot(1))) {
            restored.awaitFirstAnswer();
            CompletableFuture<Completed> reply = CompletableFuture.supplyAsync(
                    () -> Jcmd.ofThisJdk().run(restored.pid(), "JDK.checkpoint", "full=true"));
            while (restored.process().isAlive() && !reply.isDone() && bytesOfNewNames(before) < afterBytes) {
                Thread.onSpinWait();
            }
            restored.process().kill();
            reply.join();
        }
        List<Integer> numbers = snapshots.numbers();
        for (int number = 1; number <= numbers.size(); number++) {
            Completed verified = ThawCommand.run("verify", snapshots.snapshot(number).toString());
            assertEquals(0, verified.status(), "seed " + seed + ": " + verified.output());
        }
        assertNewestRestores(original, data);
        return numbers.size() == complete;
    }

    private void assertNewestRestores(Service original, String data) {
        try (Service restored = original.restore(snapshots.path())) {
            restored.awaitFirstAnswer();
            assertEquals(data, restored.verify(), "seed " + seed);
        }
    }

    private void assertNextCheckpointCleans(Service original, String data) {
        int complete = snapshots.numbers().size();
        try (Service restored = original.restore(snapshots.path())) {
            restored.awaitFirstAnswer();
            Jcmd.ofThisJdk().checkpoint(restored.process());
            restored.process().mustExit(ThawCommand.CHECKPOINTED);
        }
        assertEquals(complete + 1, snapshots.numbers().size(), snapshots.names().toString());
        assertEquals(complete + 1, snapshots.names().size(), "leftovers: " + snapshots.names());
        assertNewestRestores(original, data);
    }

    @Test
    void leavesAloneWhatAnotherLivingProcessIsWriting() {
        try (Service slow = Service.start(snapshots.path(), List.of("-Xmx1g"), 256);
                RunningProcess quick = JvmUnderTest.withAgent(snapshots.path()).start("PidAndRandom")) {
            slow.awaitFirstAnswer();
            quick.awaitLine("ready");
            String data = slow.verify();
            CompletableFuture<Completed> reply = CompletableFuture.supplyAsync(
                    () -> Jcmd.ofThisJdk().run(slow.pid(), "JDK.checkpoint"));
            while (slow.process().isAlive() && bytesOfNewNames(List.of()) == 0) {
                Thread.onSpinWait();
            }
            Jcmd.ofThisJdk().checkpoint(quick);
            assertEquals(0, reply.join().status(), reply.join().output());
            assertEquals(List.of("0001", "0002"), snapshots.names());
            slow.process().mustExit(ThawCommand.CHECKPOINTED);
            int ofSlow = reply.join().output().contains("0001") ? 1 : 2;
            try (Service restored = slow.restore(snapshots.snapshot(ofSlow))) {
                restored.awaitFirstAnswer();
                assertEquals(data, restored.verify());
            }
        }
    }

    /** Bytes in what was not in DIR before. */
    private long bytesOfNewNames(List<String> before) {
        try (Stream<Path> walk = Files.walk(snapshots.path())) {
            return walk.filter(path -> path.startsWith(snapshots.path()) && !path.equals(snapshots.path()))
                    .filter(path -> !before.contains(snapshots.path().relativize(path).getName(0).toString()))
                    .mapToLong(path -> path.toFile().isFile() ? path.toFile().length() : 0).sum();
        } catch (UncheckedIOException | NoSuchFileException e) {
            return 0;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
