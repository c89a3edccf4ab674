// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.CheckpointReply;
import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.Service;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.Collector;
import dev.thaw.apps.harness.JvmUnderTest;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Checkpoint by jcmd, restore by `thaw`, the same data after it: with each collector, more than once. */
class BasicCheckpointRestoreTest {
    private final SnapshotDirectory snapshots = SnapshotDirectory.create();

    @AfterEach
    void delete() {
        snapshots.close();
    }

    @ParameterizedTest
    @EnumSource(Collector.class)
    void restoresTheDataAndTheDelta(Collector collector) {
        String first;
        String second;
        try (Service original = Service.start(snapshots.path(), List.of(collector.flag(), "-Xmx512m"), 64)) {
            original.awaitFirstAnswer();
            first = original.verify();
            CheckpointReply reply = checkpoint(original);
            assertTrue(reply.isFull(), reply.text());
            assertTrue(reply.text().contains(snapshots.snapshot(1).toString()), reply.text());

            try (Service restored = original.restore(snapshots.path())) {
                restored.awaitFirstAnswer();
                assertEquals("pid " + restored.pid(), restored.get("/pid"));
                assertEquals(first, restored.verify());
                restored.dirty(8);
                second = restored.verify();
                assertNotEquals(first, second);
                assertTrue(checkpoint(restored).isDelta());
            }
            assertRestores(original, 2, second);
            assertRestores(original, 1, first);
        }
        assertEquals(List.of("0001", "0002"), snapshots.names());
    }

    @ParameterizedTest
    @EnumSource(Collector.class)
    void survivesCollectionsAfterEachOfThreeRestores(Collector collector) {
        Service running = Service.start(snapshots.path(), List.of(collector.flag(), "-Xmx512m"), 32);
        try {
            running.awaitFirstAnswer();
            for (int round = 0; round < 3; round++) {
                String before = running.verify();
                checkpoint(running);
                running = running.restore(snapshots.path());
                running.awaitFirstAnswer();
                running.get("/gc");
                assertEquals(before, running.verify());
                running.dirty(4);
            }
        } finally {
            running.close();
        }
    }

    @Test
    void keepsRunningWhenAskedTo() {
        try (Service service = Service.start(snapshots.path(), List.of(), 16)) {
            service.awaitFirstAnswer();
            String before = service.verify();
            Jcmd.ofThisJdk().checkpoint(service.process(), "keep_running=true");
            assertEquals(before, service.verify());
            service.dirty(4);
            String after = service.verify();
            String reply = Jcmd.ofThisJdk().checkpoint(service.process(), "keep_running=true");
            assertTrue(new CheckpointReply(reply).isDelta(), reply);
            assertEquals(after, service.verify());
            assertEquals(List.of("0001", "0002"), snapshots.names());
            service.process().kill();
            assertRestores(service, 1, before);
            assertRestores(service, 2, after);
        }
    }

    @Test
    void restoresAnApplicationThatWasAskingForInput() {
        try (RunningProcess original = JvmUnderTest.withAgent(snapshots.path()).start("ThreadZoo", "20")) {
            original.awaitLine("ready");
            Jcmd.ofThisJdk().checkpoint(original);
            original.mustExit(ThawCommand.CHECKPOINTED);
        }
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            restored.send("progress");
            restored.awaitLine("progress ok: 20 threads");
            restored.send("end");
            restored.awaitLine("ended clean");
            restored.mustExit(0);
            assertFalse(restored.output().contains("ready"), restored.output().toString());
        }
    }

    private static CheckpointReply checkpoint(Service service) {
        CheckpointReply reply = new CheckpointReply(Jcmd.ofThisJdk().checkpoint(service.process()));
        service.process().mustExit(ThawCommand.CHECKPOINTED);
        return reply;
    }

    private void assertRestores(Service original, int number, String expected) {
        try (Service restored = original.restore(snapshots.snapshot(number))) {
            restored.awaitFirstAnswer();
            assertEquals(expected, restored.verify());
        }
    }
}
