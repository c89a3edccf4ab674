// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import dev.thaw.apps.drive.Artefacts;
import dev.thaw.apps.drive.BackedMemory;
import dev.thaw.apps.drive.CheckpointReply;
import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.Samples;
import dev.thaw.apps.drive.Service;
import dev.thaw.apps.drive.SnapshotDirectory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code Benchmark [--runs N] [--heap-mb N,N,...] [--threads N,N,...] [--gc G1|Serial|Parallel] [--to DIR]}
 *
 * <p>A first answer is measured from just before exec(2) ({@link RunningProcess#startTimed}) until this JVM has read all of it;
 * what a shell, this JVM and its polling each 0.2 ms add is the row "driver". Data is
 * random and verified record by record after each restore. Before each, the snapshots are read into the page cache, and memory of a
 * virtual machine that lends what is free to its host is taken back.
 */
public final class Benchmark {
    private static final int DIRTY_MB = 32;
    private static final int PAUSE_DIRTY_MB = 64;
    private static final int WARM_UPS = 3;
    private static final int MORE_MB = 128;
    private static final int RECORDING_RESTORES = 2;
    private static final Jcmd JCMD = Jcmd.ofThisJdk();

    private int runs = 5;
    private int[] heaps = {0, 256, 1024};
    private int[] threads = {10, 100, 1000};
    private String collector = "G1";
    private Path parent = Path.of(System.getProperty("java.io.tmpdir"));

    private Benchmark() {}

    public static void main(String[] args) {
        Benchmark benchmark = new Benchmark();
        for (int i = 0; i + 1 < args.length; i += 2) {
            benchmark.set(args[i], args[i + 1]);
        }
        benchmark.run();
    }

    private void set(String key, String value) {
        switch (key) {
            case "--runs" -> runs = Integer.parseInt(value);
            case "--heap-mb" -> heaps = numbers(value);
            case "--threads" -> threads = numbers(value);
            case "--gc" -> collector = value;
            case "--to" -> parent = Path.of(value);
            default -> throw new IllegalArgumentException("unknown option " + key);
        }
    }

    private static int[] numbers(String list) {
        return List.of(list.split(",")).stream().mapToInt(Integer::parseInt).toArray();
    }

    private void run() {
        System.out.printf("%s, %d processors, Linux %s, JDK %s, snapshots under %s; milliseconds and megabytes%n%n",
                System.getProperty("os.arch"), Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.version"), Runtime.version(), parent);
        Samples driver = new Samples();
        for (int i = 0; i < WARM_UPS; i++) {
            measureHeap(0, new Samples());
        }
        for (int i = 0; i < runs * 4; i++) {
            driver.add("start of a process until its first byte", driverMs());
        }
        System.out.println(driver.table("driver"));
        Samples starts = new Samples();
        EmptyAgent.measureStarts(parent, runs * 2, starts);
        System.out.println(starts.table("start to end of Hello, " + runs * 2 + " runs"));
        for (int heap : heaps) {
            Samples samples = new Samples();
            for (int i = 0; i < runs; i++) {
                measureHeap(heap, samples);
            }
            System.out.println(samples.table(heap + " MB live heap, " + collector + ", " + runs + " runs"));
        }
        for (int count : threads) {
            Samples samples = new Samples();
            measureThreads(count, samples);
            System.out.println(samples.table(count + " threads of all kinds, " + runs + " runs"));
        }
    }

    private static double driverMs() {
        try (RunningProcess echo = RunningProcess.startTimed(List.of("/bin/echo", "x"))) {
            echo.awaitLine("x");
            return (System.nanoTime() - echo.startedNanos()) / 1e6;
        }
    }

    private List<String> vmOptions(int heap) {
        return List.of("-XX:+Use" + collector + "GC", "-Xmx" + Math.max(256, heap * 2) + "m");
    }

    private void measureHeap(int heap, Samples samples) {
        try (Service plain = Service.startTimed(null, vmOptions(heap), heap)) {
            samples.add("cold start: exec to first answer", plain.awaitFirstAnswer());
        }
        try (SnapshotDirectory snapshots = SnapshotDirectory.in(parent);
                Service original = Service.startTimed(snapshots.path(), vmOptions(heap), heap)) {
            samples.add("cold start under the agent", original.awaitFirstAnswer());
            String data = original.verify();
            samples.add("original: a whole scan", original.number("/scan"));
            checkpoint(original, snapshots, 1, "full", samples);
            measureRestores(heap, original, snapshots, samples);
            prepare(heap, snapshots);
            try (Service restored = original.restoreTimed(snapshots.snapshot(1))) {
                restored.awaitFirstAnswer();
                samples.add("restore of full: first whole scan, at once", restored.number("/scan"));
                expect(data, restored.verify());
                restored.dirty(Math.min(heap, DIRTY_MB));
                data = restored.verify();
                checkpoint(restored, snapshots, 2, "delta", samples);
                samples.add("delta: per cent of full", 100.0 * snapshots.bytes(2) / snapshots.bytes(1));
            }
            prepare(heap, snapshots);
            try (Service restored = original.restoreTimed(snapshots.snapshot(2))) {
                samples.add("restore of delta: exec to first answer", restored.awaitFirstAnswer());
                samples.add("restore of delta: first System.gc(), at once", restored.number("/gc"));
                expect(data, restored.verify());
                samples.add("restore of delta: a whole scan when loaded", restored.number("/scan"));
                measurePauses(restored, Math.min(heap, PAUSE_DIRTY_MB), samples);
            }
            prepare(heap, snapshots);
            try (Service restored = original.restoreTimed(snapshots.snapshot(2), "--eager")) {
                restored.awaitFirstAnswer();
                samples.add("restore of delta, --eager: first System.gc()", restored.number("/gc"));
            }
        }
    }

    private static void prepare(int heap, SnapshotDirectory snapshots) {
        snapshots.intoPageCache();
        BackedMemory.takeBack((heap * 5L / 2 + MORE_MB) << 20);
    }

    /** Of a process that keeps running and has its first delta behind it. */
    private static void measurePauses(Service restored, int megabytes, Samples samples) {
        JCMD.awaitAllLoaded(restored.process());
        JCMD.checkpoint(restored.process(), "keep_running");
        restored.dirty(megabytes);
        CheckpointReply reply = new CheckpointReply(JCMD.checkpoint(restored.process(), "keep_running"));
        samples.add("delta of " + megabytes + " MB, kept running: pause", reply.pauseMs());
        reply = new CheckpointReply(JCMD.checkpoint(restored.process(), "keep_running"));
        samples.add("delta of next to nothing, kept running: pause", reply.pauseMs());
    }

    /** The first two record the working set. */
    private void measureRestores(int heap, Service original, SnapshotDirectory snapshots, Samples samples) {
        for (int i = 0; i < RECORDING_RESTORES + runs; i++) {
            String which = i < RECORDING_RESTORES ? "restore " + (i + 1) + " of full" : "later restores of full";
            prepare(heap, snapshots);
            try (Service restored = original.restoreTimed(snapshots.snapshot(1))) {
                samples.add(which + ": exec to first answer", restored.awaitFirstAnswer());
                if (i < RECORDING_RESTORES) {
                    JCMD.awaitStatus(restored.process(),
                            status -> status.value("working set recording").equals("no"), "ended its record");
                }
            }
        }
    }

    private static void checkpoint(Service service, SnapshotDirectory snapshots, int number, String kind,
            Samples samples) {
        long start = System.nanoTime();
        CheckpointReply reply = new CheckpointReply(JCMD.checkpoint(service.process()));
        double jcmdMs = (System.nanoTime() - start) / 1e6;
        service.process().awaitExit();
        if (kind.equals("delta") && !reply.isDelta()) {
            throw new IllegalStateException("not a delta: " + reply.text());
        }
        samples.add(kind + ": pause", reply.pauseMs());
        samples.add(kind + ": jcmd, start to end", jcmdMs);
        samples.add(kind + ": MB written", snapshots.bytes(number) / 1e6);
    }

    private static void expect(String expected, String verified) {
        if (!verified.equals(expected)) {
            throw new IllegalStateException("data differs: " + verified + " instead of " + expected);
        }
    }

    /** Checkpoints of one process that keeps running: quiesce does not depend on what is written. */
    private void measureThreads(int count, Samples samples) {
        try (SnapshotDirectory snapshots = SnapshotDirectory.in(parent);
                RunningProcess zoo = startZoo(snapshots.path(), count)) {
            zoo.awaitLine("ready");
            for (int i = 0; i < runs; i++) {
                CheckpointReply reply = new CheckpointReply(JCMD.checkpoint(zoo, "keep_running=true"));
                samples.add("quiesce", reply.quiesceMs());
                samples.add("pause, keeping running", reply.pauseMs());
                zoo.send("progress");
                zoo.awaitLine("progress ok.*");
            }
            zoo.kill();
            for (int i = 0; i < runs; i++) {
                snapshots.intoPageCache();
                restoreZoo(snapshots.path(), samples);
            }
        }
    }

    private static void restoreZoo(Path snapshots, Samples samples) {
        List<String> command = List.of(Artefacts.THAW.toString(), "restore", snapshots.toString());
        try (RunningProcess restored = RunningProcess.start(command)) {
            restored.send("echo");
            restored.awaitLine("unknown command echo");
            samples.add("restore: exec to first line", (System.nanoTime() - restored.startedNanos()) / 1e6);
        }
    }

    private RunningProcess startZoo(Path to, int count) {
        List<String> command = new ArrayList<>();
        command.addAll(List.of(Artefacts.java(), "-javaagent:" + Artefacts.AGENT + "=to=" + to));
        command.addAll(vmOptions(256));
        command.addAll(List.of("-cp", Artefacts.TEST_APPS.toString(), "dev.thaw.apps.ThreadZoo", "" + count));
        return RunningProcess.start(command);
    }
}
