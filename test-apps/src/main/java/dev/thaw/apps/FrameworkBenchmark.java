// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import dev.thaw.apps.drive.Framework;
import dev.thaw.apps.drive.Http;
import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * {@code FrameworkBenchmark [RUNS]}: each application under test-apps/frameworks cold, with the JDK's AOT cache (JEP 514)
 * and restored; milliseconds from exec to the whole first answer, and until one client gets nine tenths of the steady
 * rate of answers. Median of RUNS, interleaved; the page cache is warm.
 */
public final class FrameworkBenchmark {
    private static final String PATH = "/greeting";
    private static final int RECORDING_RESTORES = 2;
    private static final Duration STEADY = Duration.ofSeconds(3);
    private static final int WINDOW_MS = 100;
    private static final Jcmd JCMD = Jcmd.ofThisJdk();

    private final int runs;

    private FrameworkBenchmark(int runs) {
        this.runs = runs;
    }

    public static void main(String[] args) {
        FrameworkBenchmark benchmark = new FrameworkBenchmark(args.length > 0 ? Integer.parseInt(args[0]) : 5);
        System.out.printf("%d processors, Linux %s, JDK %s, median of %d%n", Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.version"), Runtime.version(), benchmark.runs);
        System.out.printf("%-16s %9s %9s %9s %7s %11s %11s %11s %9s %9s%n", "ms", "cold", "AOT cache", "restored",
                "ratio", "steady:cold", "AOT cache", "restored", "full MB", "delta MB");
        for (Framework framework : Framework.ALL) {
            benchmark.measure(framework);
        }
    }

    private void measure(Framework framework) {
        int port = Http.freePort();
        List<double[]> cold = new ArrayList<>();
        List<double[]> aot = new ArrayList<>();
        List<double[]> restored = new ArrayList<>();
        try (SnapshotDirectory snapshots = SnapshotDirectory.create()) {
            Path cache = snapshots.path().resolve("app.aot");
            train(framework.with("-XX:AOTCacheOutput=" + cache), port);
            try (RunningProcess original = framework.start(snapshots, port)) {
                firstAndSteady(original, port);
                JCMD.checkpoint(original);
                original.awaitExit();
            }
            for (int run = -RECORDING_RESTORES; run < runs; run++) {
                try (RunningProcess process = ThawCommand.restore(snapshots.snapshot(1))) {
                    double[] times = firstAndSteady(process, port);
                    if (run < 0) {
                        continue;
                    }
                    restored.add(times);
                    if (run == runs - 1) {
                        JCMD.checkpoint(process);
                    }
                }
                cold.add(once(framework, port));
                aot.add(once(framework.with("-XX:AOTCache=" + cache), port));
            }
            System.out.printf(Locale.ROOT, "%-16s %9.1f %9.1f %9.1f %6.0fx %11.0f %11.0f %11.0f %9.1f %9.1f%n", framework,
                    median(cold, 0), median(aot, 0), median(restored, 0), median(cold, 0) / median(restored, 0),
                    median(cold, 1), median(aot, 1), median(restored, 1), snapshots.bytes(1) / 1e6,
                    snapshots.bytes(2) / 1e6);
        }
    }

    /** One run that ends by TERM, as a service does; then the JVM writes the cache. */
    private static void train(Framework framework, int port) {
        try (RunningProcess process = framework.start(port)) {
            firstAndSteady(process, port);
            process.signal("TERM");
            process.awaitExit();
        }
    }

    private static double[] once(Framework framework, int port) {
        try (RunningProcess process = framework.start(port)) {
            return firstAndSteady(process, port);
        }
    }

    private static double[] firstAndSteady(RunningProcess process, int port) {
        expect(process, Http.getFirst(process, port, PATH, RunningProcess.DEADLINE));
        double first = (System.nanoTime() - process.startedNanos()) / 1e6;
        List<Integer> windows = new ArrayList<>();
        long start = System.nanoTime();
        try {
            while (System.nanoTime() - start < STEADY.toNanos()) {
                expect(process, Http.get(port, PATH));
                int window = (int) ((System.nanoTime() - start) / 1_000_000 / WINDOW_MS);
                while (windows.size() <= window) {
                    windows.add(0);
                }
                windows.set(window, windows.get(window) + 1);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new double[] {first, first + steadyAfterMs(windows)};
    }

    /** The end of the first window with nine tenths of the median of the second half. */
    private static double steadyAfterMs(List<Integer> windows) {
        List<Integer> late = windows.subList(windows.size() / 2, windows.size()).stream().sorted().toList();
        double enough = 0.9 * late.get(late.size() / 2);
        int window = 0;
        while (windows.get(window) < enough) {
            window++;
        }
        return (window + 1) * WINDOW_MS;
    }

    private static void expect(RunningProcess process, Http.Answer answer) {
        if (answer.status() != 200 || !answer.body().contains("hello")) {
            throw process.failure("answered " + answer.status() + ": " + answer.body());
        }
    }

    private static double median(List<double[]> values, int index) {
        List<Double> sorted = values.stream().map(value -> value[index]).sorted().toList();
        return sorted.get(sorted.size() / 2);
    }
}
