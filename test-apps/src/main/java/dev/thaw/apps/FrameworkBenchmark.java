// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import dev.thaw.apps.drive.Framework;
import dev.thaw.apps.drive.Grpc;
import dev.thaw.apps.drive.Http;
import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

/**
 * {@code FrameworkBenchmark [RUNS [NAME…]]}: each application under test-apps/frameworks, or those named, cold, with the JDK's AOT cache (JEP 514)
 * and restored; milliseconds from exec to the whole first answer, and until one client gets nine tenths of the steady
 * rate of answers; the sizes of a full snapshot and of a delta right after serving. Median of RUNS, interleaved; the page
 * cache is warm.
 */
public final class FrameworkBenchmark {
    private static final int RECORDING_RESTORES = 2;
    private static final Duration STEADY = Duration.ofMillis(2500);
    private static final int WINDOW_MS = 100;
    private static final int POLL_NANOS = 200_000;
    private static final Jcmd JCMD = Jcmd.ofThisJdk();

    /** What one client asks, time and again; null: the application speaks first, by a line of its log. */
    private interface Question {
        String ask(int port) throws IOException;
    }

    private final int runs;
    /** Empty: all. */
    private final List<String> names;

    private FrameworkBenchmark(int runs, List<String> names) {
        this.runs = runs;
        this.names = names;
    }

    public static void main(String[] args) {
        FrameworkBenchmark benchmark = new FrameworkBenchmark(args.length > 0 ? Integer.parseInt(args[0]) : 5,
                List.of(args).subList(Math.min(1, args.length), args.length));
        System.out.printf("%d processors, Linux %s, JDK %s, median of %d%n", Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.version"), Runtime.version(), benchmark.runs);
        System.out.printf("%-16s %9s %9s %9s %7s %11s %11s %11s %9s %9s %7s%n", "ms", "cold", "AOT cache", "restored",
                "ratio", "steady:cold", "AOT cache", "restored", "full MB", "delta MB", "delta");
        for (Framework framework : Framework.ALL) {
            benchmark.measure(framework, port -> http(port, "/greeting", "hello"));
        }
        benchmark.measure(Framework.GRPC, port -> expect("Hello Ada", Grpc.greet(port, "Ada")));
        try (SnapshotDirectory files = SnapshotDirectory.create()) {
            benchmark.measure(Framework.SEARCH.withArguments(files.path().toString()),
                    port -> http(port, "/search?1of2+2of3", "3333 from"));
            benchmark.measure(Framework.WORKER.with("-Dlog.dir=" + files.path()), null);
        }
    }

    private static String http(int port, String path, String expected) throws IOException {
        Http.Answer answer = Http.get(port, path);
        return answer.status() == 200 ? expect(expected, answer.body()) : expect("status 200", answer.toString());
    }

    private static String expect(String expected, String answer) {
        if (!answer.contains(expected)) {
            throw new IllegalStateException("no '" + expected + "' in: " + answer);
        }
        return answer;
    }

    private void measure(Framework framework, Question question) {
        if (!names.isEmpty() && !names.contains(framework.name())) {
            return;
        }
        int port = Http.freePort();
        List<double[]> cold = new ArrayList<>();
        List<double[]> aot = new ArrayList<>();
        List<double[]> restored = new ArrayList<>();
        try (SnapshotDirectory snapshots = SnapshotDirectory.create()) {
            Path cache = snapshots.path().resolve("app.aot");
            train(framework.with("-XX:AOTCacheOutput=" + cache), question, port);
            try (RunningProcess original = framework.start(snapshots, port)) {
                firstAndSteady(original, question, port);
                JCMD.checkpoint(original);
                original.awaitExit();
            }
            for (int run = -RECORDING_RESTORES; run < runs; run++) {
                try (RunningProcess process = ThawCommand.restore(snapshots.snapshot(1))) {
                    double[] times = firstAndSteady(process, question, port);
                    if (run < 0) {
                        continue;
                    }
                    restored.add(times);
                    if (run == runs - 1) {
                        JCMD.checkpoint(process, "gc=young");
                    }
                }
                cold.add(once(framework, question, port));
                aot.add(once(framework.with("-XX:AOTCache=" + cache), question, port));
            }
            System.out.printf(Locale.ROOT, "%-16s %9.1f %9.1f %9.1f %6.0fx %11s %11s %11s %9.1f %9.1f %6.0f%%%n",
                    framework, median(cold, 0), median(aot, 0), median(restored, 0), median(cold, 0) / median(restored, 0),
                    steady(cold), steady(aot), steady(restored), snapshots.bytes(1) / 1e6,
                    snapshots.bytes(2) / 1e6, 100.0 * snapshots.bytes(2) / snapshots.bytes(1));
        }
    }

    /** One run that ends by TERM, as a service does; then the JVM writes the cache. */
    private static void train(Framework framework, Question question, int port) {
        try (RunningProcess process = framework.start(port)) {
            firstAndSteady(process, question, port);
            process.signal("TERM");
            process.awaitExit();
        }
    }

    private static double[] once(Framework framework, Question question, int port) {
        try (RunningProcess process = framework.start(port)) {
            return firstAndSteady(process, question, port);
        }
    }

    private static double[] firstAndSteady(RunningProcess process, Question question, int port) {
        if (question == null) {
            process.awaitLine(".* - committed .*");
            double first = (System.nanoTime() - process.startedNanos()) / 1e6;
            LockSupport.parkNanos(STEADY.toNanos());
            return new double[] {first, Double.NaN};
        }
        first(process, question, port);
        double first = (System.nanoTime() - process.startedNanos()) / 1e6;
        List<Integer> windows = new ArrayList<>();
        long start = System.nanoTime();
        try {
            while (System.nanoTime() - start < STEADY.toNanos()) {
                question.ask(port);
                int window = (int) ((System.nanoTime() - start) / 1_000_000 / WINDOW_MS);
                while (windows.size() <= window) {
                    windows.add(0);
                }
                windows.set(window, windows.get(window) + 1);
            }
        } catch (IOException | IllegalStateException e) {
            throw process.failure("answered " + e);
        }
        return new double[] {first, first + steadyAfterMs(windows)};
    }

    /** Asks until somebody answers. */
    private static void first(RunningProcess process, Question question, int port) {
        long end = System.nanoTime() + RunningProcess.DEADLINE.toNanos();
        while (true) {
            try {
                question.ask(port);
                return;
            } catch (IOException e) {
                if (!process.isAlive() || System.nanoTime() > end) {
                    throw process.hang("gave no answer: " + e);
                }
                LockSupport.parkNanos(POLL_NANOS);
            }
        }
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

    private static String steady(List<double[]> values) {
        double median = median(values, 1);
        return Double.isNaN(median) ? "-" : Long.toString(Math.round(median));
    }

    private static double median(List<double[]> values, int index) {
        List<Double> sorted = values.stream().map(value -> value[index]).sorted().toList();
        return sorted.get(sorted.size() / 2);
    }
}
