// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.Completed;
import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.Service;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.harness.Lifecycle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** ZGC's heap is a memory file: written whole, made again before the threads run, its views where they were. */
class ZgcTest {
    private static final List<String> VERIFYING = List.of("-XX:+UseZGC", "-Xmx256m",
            "-XX:+UnlockDiagnosticVMOptions", "-XX:+ZVerifyRoots", "-XX:+ZVerifyObjects");
    private static final Jcmd JCMD = Jcmd.ofThisJdk();
    private static final int BLOCK_BYTES = 512;

    private final SnapshotDirectory snapshots = SnapshotDirectory.create();

    @AfterEach
    void delete() {
        snapshots.close();
    }

    /** Two threads change records and allocate, so collections go on at each checkpoint. */
    @Test
    void aHeapThatIsCollectedMeanwhileIsWholeAfterEachOfThreeRestores() {
        Service running = Service.start(snapshots.path(), VERIFYING, 24, "--load", "2");
        try {
            running.awaitFirstAnswer();
            JCMD.checkpoint(running.process(), "keep_running=true");
            for (int round = 0; round < 3; round++) {
                running.verify();
                Lifecycle.checkpoint(running.process());
                running = running.restore(snapshots.path());
                running.awaitFirstAnswer();
                running.verify();
                running.get("/gc");
            }
            running.verify();
            Lifecycle.mustEndCleanly(running.process());
        } finally {
            running.close();
        }
    }

    @Test
    void memoryThatTheHeapDoesNotUseStaysAHoleOfTheFile() throws IOException {
        try (Service original = Service.start(snapshots.path(), List.of("-XX:+UseZGC", "-Xmx1g"), 16)) {
            original.awaitFirstAnswer();
            Lifecycle.checkpoint(original.process());
            try (Service restored = original.restore(snapshots.path())) {
                restored.awaitFirstAnswer();
                Path heap = heapFile(restored.pid());
                String[] blocksAndSize = Completed.run("stat", "-L", "-c", "%b %s", heap.toString()).output().split(" ");
                assertEquals(1L << 30, Long.parseLong(blocksAndSize[1]));
                assertTrue(Long.parseLong(blocksAndSize[0]) * BLOCK_BYTES < snapshots.bytes(1), blocksAndSize[0]);
            }
        }
    }

    private static Path heapFile(long pid) throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return files.filter(file -> leadsToTheHeap(file)).findFirst().orElseThrow();
        }
    }

    private static boolean leadsToTheHeap(Path file) {
        try {
            return Files.readSymbolicLink(file).toString().startsWith("/memfd:java_heap");
        } catch (IOException e) {
            return false;
        }
    }
}
