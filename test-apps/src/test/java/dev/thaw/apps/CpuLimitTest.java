// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.Service;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.drive.ThawStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Restored into a cpu cgroup (version 1), as into a container with a limit. Root has to make it. */
class CpuLimitTest {
    private static final Path HIERARCHY = Path.of("/sys/fs/cgroup/cpu");
    private static final int PERCENT = 60;
    private static final int PERIOD_MICROS = 100_000;
    private static final Jcmd JCMD = Jcmd.ofThisJdk();

    private final Path group = HIERARCHY.resolve("thaw-test-" + ProcessHandle.current().pid());

    @Test
    void whatIsLoadedAheadLeavesHalfOfTheLimitToTheApplication() throws IOException {
        assumeTrue(Files.isWritable(HIERARCHY) && Files.exists(HIERARCHY.resolve("cpu.shares")), "no cpu cgroup can be made here");
        Files.createDirectory(group);
        try (SnapshotDirectory snapshots = SnapshotDirectory.create();
                Service original = Service.start(snapshots.path(), List.of("-XX:+UseG1GC", "-Xmx192m"), 64)) {
            Files.writeString(group.resolve("cpu.cfs_period_us"), Integer.toString(PERIOD_MICROS));
            Files.writeString(group.resolve("cpu.cfs_quota_us"), Integer.toString(PERIOD_MICROS * PERCENT / 100));
            original.awaitFirstAnswer();
            String data = original.verify();
            JCMD.checkpoint(original.process());
            original.process().mustExit(ThawCommand.CHECKPOINTED);
            try (Service restored = original.restore(snapshots.path())) {
                assertFalse(loaded(restored).text().contains("cpu limit"), "there is none");
            }
            List<String> inGroup = List.of("/bin/sh", "-c", "echo $$ > " + group + "/cgroup.procs && exec \"$@\"", "sh");
            try (Service restored = original.restore(inGroup, snapshots.path())) {
                ThawStatus status = loaded(restored);
                assertEquals(PERCENT, status.number("cpu limit percent"), status.text());
                assertTrue(status.number("loader pauses for the cpu limit") > 0, status.text());
                assertEquals(data, restored.verify());
            }
        } finally {
            Files.delete(group);
        }
    }

    private static ThawStatus loaded(Service restored) {
        restored.awaitFirstAnswer();
        return JCMD.awaitAllLoaded(restored.process());
    }
}
