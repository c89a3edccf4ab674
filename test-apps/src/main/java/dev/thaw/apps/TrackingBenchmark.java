// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.Samples;
import dev.thaw.apps.drive.Service;
import dev.thaw.apps.drive.SnapshotDirectory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * {@code TrackingBenchmark [ROUNDS [HEAP_MB [G1|Serial|Parallel]]]}: what dirty tracking costs a service at work. Two
 * of them do the same operations, each of which rewrites or checks a record and allocates 4 KB; one is checkpointed once in
 * each round and runs on. They take turns, in another order each round, so that each has the machine for itself; thousands of
 * operations a second.
 */
public final class TrackingBenchmark {
    private static final long WINDOW_NANOS = 1_000_000_000;
    private static final int WINDOWS = 5;
    private static final Jcmd JCMD = Jcmd.ofThisJdk();

    private TrackingBenchmark() {}

    public static void main(String[] args) {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 5;
        int heap = args.length > 1 ? Integer.parseInt(args[1]) : 256;
        String collector = args.length > 2 ? args[2] : "G1";
        List<String> options = List.of("-XX:+Use" + collector + "GC", "-Xmx" + 2 * heap + "m");
        Samples samples = new Samples();
        try (SnapshotDirectory snapshots = SnapshotDirectory.create();
                Service plain = Service.start(snapshots.path(), options, heap, "--load", "1");
                Service tracked = Service.start(snapshots.path(), options, heap, "--load", "1")) {
            plain.awaitFirstAnswer();
            tracked.awaitFirstAnswer();
            JCMD.checkpoint(tracked.process(), "keep_running");
            for (int round = 0; round < rounds; round++) {
                List<Double> before = round % 2 == 0 ? List.of() : afterDelta(tracked, plain);
                List<Double> without = windows(plain, tracked);
                List<Double> with = round % 2 == 0 ? afterDelta(tracked, plain) : before;
                double steady = without.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
                samples.add("not tracked", steady);
                for (int window = 0; window < WINDOWS; window++) {
                    samples.add("tracked, second " + (window + 1) + " after a delta", with.get(window));
                    samples.add("per cent, second " + (window + 1), 100 * with.get(window) / steady);
                }
            }
            System.out.println(samples.table(heap + " MB live heap, " + collector + ", " + rounds + " rounds"));
        }
    }

    private static List<Double> afterDelta(Service tracked, Service stopped) {
        JCMD.checkpoint(tracked.process(), "keep_running");
        List<Double> windows = windows(tracked, stopped);
        tracked.verify();
        return windows;
    }

    private static List<Double> windows(Service running, Service stopped) {
        stopped.process().signal("STOP");
        List<Double> windows = new ArrayList<>();
        for (int window = 0; window < WINDOWS; window++) {
            windows.add(operations(running));
        }
        stopped.process().signal("CONT");
        return windows;
    }

    private static double operations(Service service) {
        double before = service.number("/load");
        long start = System.nanoTime();
        LockSupport.parkNanos(WINDOW_NANOS);
        double done = service.number("/load") - before;
        return done / ((System.nanoTime() - start) / 1e9) / 1000;
    }
}
