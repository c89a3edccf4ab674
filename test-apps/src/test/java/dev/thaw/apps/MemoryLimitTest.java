// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.thaw.apps.drive.Http;
import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.Service;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** In a memory cgroup of its own (version 1), as a container is. Root has to make it. */
class MemoryLimitTest {
    private static final Path HIERARCHY = Path.of("/sys/fs/cgroup/memory");
    private static final int HEAP_MB = 96;
    private static final long ENOUGH = 400L << 20;
    private static final long TOO_LITTLE = 48L << 20;
    /** For the process without its heap of 96 MB. */
    private static final long TIGHT = 64L << 20;
    private static final int KILLED = 137;
    private static final int NO_MEMORY = 85;
    private static final Jcmd JCMD = Jcmd.ofThisJdk();

    private final Path group = HIERARCHY.resolve("thaw-test-" + ProcessHandle.current().pid());
    private final List<String> inGroup = List.of("/bin/sh", "-c", "echo $$ > " + group + "/cgroup.procs && exec \"$@\"", "sh");

    private SnapshotDirectory snapshots;
    private Service original;
    private String data;

    @BeforeEach
    void makeGroup() throws IOException {
        assumeTrue(Files.isWritable(HIERARCHY) && Files.exists(HIERARCHY.resolve("memory.limit_in_bytes")),
                "no memory cgroup can be made here");
        Files.createDirectory(group);
        limit(ENOUGH);
        snapshots = SnapshotDirectory.create();
        original = Service.start(snapshots.path(), List.of("-XX:+UseG1GC", "-Xmx192m"), HEAP_MB);
        Files.writeString(group.resolve("cgroup.procs"), Long.toString(original.pid()));
        original.awaitFirstAnswer();
        data = original.verify();
        JCMD.checkpoint(original.process());
        original.process().mustExit(ThawCommand.CHECKPOINTED);
    }

    @AfterEach
    void deleteGroup() throws IOException {
        if (original != null) {
            original.close();
            snapshots.close();
            Files.delete(group);
        }
    }

    private void limit(long bytes) throws IOException {
        Files.writeString(group.resolve("memory.limit_in_bytes"), Long.toString(bytes));
    }

    @Test
    void aProcessIsRestoredAndCheckpointedWithinItsLimit() throws IOException {
        for (int generation = 1; generation <= 2; generation++) {
            try (Service restored = original.restore(inGroup, snapshots.snapshot(generation))) {
                restored.awaitFirstAnswer();
                assertTrue(Files.readString(group.resolve("cgroup.procs")).lines()
                        .anyMatch(Long.toString(restored.pid())::equals), "it is in the group");
                assertEquals(data, restored.verify());
                JCMD.awaitAllLoaded(restored.process());
                restored.dirty(16);
                data = restored.verify();
                JCMD.checkpoint(restored.process());
                restored.process().mustExit(ThawCommand.CHECKPOINTED);
            }
        }
        try (Service restored = original.restore(inGroup, snapshots.path())) {
            restored.awaitFirstAnswer();
            assertEquals(data, restored.verify());
        }
    }

    /** By the kernel, or by the engine, which waits ten seconds for memory; the snapshot is as good as before. */
    @Test
    void aLimitThatIsTooSmallEndsTheRestoreAndNotTheSnapshot() throws IOException {
        limit(TOO_LITTLE);
        try (Service restored = original.restore(inGroup, snapshots.path(), "--eager")) {
            int status = restored.process().awaitExit();
            assertTrue(status == KILLED || status == NO_MEMORY, restored.process().failure("ended with " + status).getMessage());
        }
        assertTheSnapshotIsAsGood();
    }

    /** Of what is loaded lazily the limit holds the part that is used; who then touches the rest meets the limit. */
    @Test
    void aLazyRestoreLivesWithinALimitThatIsTooSmallForAll() throws IOException {
        limit(TIGHT);
        try (Service restored = original.restore(inGroup, snapshots.path(), "-Dthaw.prefetch=off")) {
            restored.awaitFirstAnswer();
            assertTrue(JCMD.status(restored.process()).number("missing") > 0, "all of it is in");
            limit(ENOUGH);
            assertEquals(data, restored.verify());
            JCMD.checkpoint(restored.process());
            restored.process().mustExit(ThawCommand.CHECKPOINTED);
        }
        limit(TIGHT);
        try (Service restored = original.restore(inGroup, snapshots.path(), "-Dthaw.prefetch=off")) {
            restored.awaitFirstAnswer();
            assertThrows(IOException.class, () -> Http.get(restored.port(), "/verify"));
            int status = restored.process().awaitExit();
            assertTrue(status == KILLED || status == NO_MEMORY, restored.process().failure("ended with " + status).getMessage());
        }
        assertTheSnapshotIsAsGood();
    }

    private void assertTheSnapshotIsAsGood() throws IOException {
        limit(ENOUGH);
        try (Service restored = original.restore(inGroup, snapshots.path())) {
            restored.awaitFirstAnswer();
            assertEquals(data, restored.verify());
        }
    }
}
