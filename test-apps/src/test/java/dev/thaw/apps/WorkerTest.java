// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.Framework;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.Lifecycle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An application without a port: timers, scheduled executors, ForkJoin pools, and a log open for appending. */
class WorkerTest {
    private static final Pattern COMMITTED = Pattern.compile(".* - committed (\\d+)");
    private static final int BATCHES = 250;

    private final SnapshotDirectory snapshots = SnapshotDirectory.create();
    private final SnapshotDirectory logs = SnapshotDirectory.create();

    @AfterEach
    void delete() {
        snapshots.close();
        logs.close();
    }

    /** All records in order and each batch once in the log, whichever process wrote it. */
    @Test
    void aWorkerGoesOnWithItsSchedulesAndItsRollingLog() {
        Framework worker = Framework.WORKER.with("-Dlog.dir=" + logs.path());
        List<String> written = new ArrayList<>();
        try (RunningProcess original = worker.start(snapshots, 0)) {
            awaitBatches(original);
            Lifecycle.checkpoint(original);
            written.addAll(committed(original.output()));
        }
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            awaitBatches(restored);
            restored.awaitLine(".* alive, .*");
            assertTrue(Lifecycle.checkpoint(restored).isDelta());
            written.addAll(committed(restored.output()));
        }
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            awaitBatches(restored);
            endsByHook(restored, written);
        }
        assertEquals(written.stream().sorted(Comparator.comparing(Long::valueOf)).toList(), written);
        assertEquals(written, committed(logLines()));
        twoWorkersAtOnce();
    }

    private void twoWorkersAtOnce() {
        try (RunningProcess one = ThawCommand.restore(snapshots.snapshot(1));
                RunningProcess other = ThawCommand.restore(snapshots.snapshot(1))) {
            awaitBatches(one);
            awaitBatches(other);
            Lifecycle.mustEndCleanly(one);
            Lifecycle.mustEndCleanly(other);
        }
    }

    private static void awaitBatches(RunningProcess worker) {
        for (int i = 0; i < BATCHES; i++) {
            worker.awaitLine(COMMITTED.pattern());
        }
    }

    private static void endsByHook(RunningProcess worker, List<String> written) {
        Lifecycle.mustEndCleanly(worker);
        written.addAll(committed(worker.output()));
        worker.awaitLine(".* stopped true, " + written.get(written.size() - 1) + " committed");
    }

    private static List<String> committed(List<String> lines) {
        return lines.stream().map(COMMITTED::matcher).filter(Matcher::matches).map(matcher -> matcher.group(1)).toList();
    }

    /** Of the rolled files by their number, then of the one still written. */
    private List<String> logLines() {
        Function<Path, Integer> number = file -> {
            Matcher rolled = Pattern.compile("worker-.*\\.(\\d+)\\.log").matcher(file.getFileName().toString());
            return rolled.matches() ? Integer.valueOf(rolled.group(1)) : Integer.MAX_VALUE;
        };
        List<String> lines = new ArrayList<>();
        try (Stream<Path> found = Files.list(logs.path())) {
            List<Path> inOrder = found.sorted(Comparator.comparing(number)).toList();
            assertTrue(inOrder.size() > 3, inOrder.toString());
            for (Path log : inOrder) {
                lines.addAll(Files.readAllLines(log));
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return lines;
    }
}
