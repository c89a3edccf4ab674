// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import dev.thaw.apps.drive.Artefacts;
import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.ProcessState;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.drive.ThawStatus;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code CloneBenchmark [CLONES [HEAP_MB [G1|Serial|Parallel]]]}: memory of clones of one snapshot that run at the same time,
 * in MB a process.
 *
 * <p>PSS is what the kernel says: shared pages counted by their share. The rows "if it were mapped" are calculated from the
 * clones' own counters: had the kernel mapped the image privately, a page that is only read would be one page for all clones,
 * and a written one each clone's own.
 */
public final class CloneBenchmark {
    private static final double MEGABYTE = 1e6;
    private static final int PAGE_BYTES = 4096;
    private static final int RECORDING_RESTORES = 2;
    private static final Jcmd JCMD = Jcmd.ofThisJdk();

    private final int clones;

    private CloneBenchmark(int clones) {
        this.clones = clones;
    }

    public static void main(String[] args) {
        int clones = args.length > 0 ? Integer.parseInt(args[0]) : 10;
        String heap = args.length > 1 ? args[1] : "256";
        String collector = args.length > 2 ? args[2] : "G1";
        try (SnapshotDirectory snapshots = SnapshotDirectory.create()) {
            checkpoint(snapshots, heap, collector);
            System.out.printf("%d clones, %s MB live heap, %s, image %.1f MB; MB a process%n%n", clones, heap, collector,
                    snapshots.bytes(1) / MEGABYTE);
            System.out.printf("%-46s %9s %9s %9s %18s%n", "", "PSS", "pages in", "written", "if it were mapped");
            CloneBenchmark benchmark = new CloneBenchmark(clones);
            benchmark.measure("after the first answer, prefetch=off", snapshots.path(), false, "-Dthaw.prefetch=off");
            benchmark.measure("when all is loaded", snapshots.path(), true, "-Dthaw.prefetch=on");
            benchmark.measure("read before the start, --eager", snapshots.path(), true, "--eager");
        }
    }

    private static void checkpoint(SnapshotDirectory snapshots, String heap, String collector) {
        List<String> command = List.of(Artefacts.java(), "-javaagent:" + Artefacts.AGENT + "=to=" + snapshots.path(),
                "-XX:+Use" + collector + "GC", "-Xmx" + 2 * Integer.parseInt(heap) + "m", "-cp",
                Artefacts.TEST_APPS.toString(), RecordsOnStdin.class.getName(), heap);
        try (RunningProcess original = RunningProcess.start(command)) {
            original.awaitLine("ready");
            answer(original);
            JCMD.checkpoint(original);
            original.awaitExit();
        }
        for (int i = 0; i < RECORDING_RESTORES; i++) {
            try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
                answer(restored);
                JCMD.awaitStatus(restored, status -> status.value("working set recording").equals("no"), "ended its record");
            }
        }
    }

    private static void answer(RunningProcess process) {
        process.send("7");
        process.awaitLine("record 7 .*");
    }

    private void measure(String what, Path snapshots, boolean whole, String option) {
        List<RunningProcess> running = new ArrayList<>();
        try {
            for (int i = 0; i < clones; i++) {
                running.add(ThawCommand.restore(snapshots, option));
                answer(running.getLast());
            }
            if (whole) {
                running.forEach(JCMD::awaitAllLoaded);
            }
            tell(what, running);
        } finally {
            running.forEach(RunningProcess::close);
        }
    }

    /** PSS first: to ask for the status costs memory. */
    private void tell(String what, List<RunningProcess> running) {
        double pss = running.stream().mapToLong(clone -> ProcessState.proportionalBytes(clone.pid())).sum();
        double in = 0;
        double written = 0;
        for (RunningProcess clone : running) {
            ThawStatus status = JCMD.status(clone);
            in += PAGE_BYTES * (double) (status.number("pages total") - status.number("missing") - status.number("dropped"));
            written += PAGE_BYTES * (double) status.number("dirty since last checkpoint");
        }
        System.out.printf("%-46s %9.1f %9.1f %9.1f %18.1f%n", what, pss / clones / MEGABYTE, in / clones / MEGABYTE,
                written / clones / MEGABYTE, (written + Math.max(0, in - written) / clones) / clones / MEGABYTE);
    }
}
