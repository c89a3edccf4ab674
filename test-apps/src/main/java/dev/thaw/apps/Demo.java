// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import dev.thaw.apps.drive.CheckpointReply;
import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.Service;
import dev.thaw.apps.drive.SnapshotDirectory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The whole story once: a service with 256 MB of live data on G1 is checkpointed, restored, writes 32 MB, is
 * checkpointed as a delta, and both snapshots are restored and verified. Ends with 1 if anything is wrong.
 */
public final class Demo {
    private static final int HEAP_MB = 256;
    private static final int DIRTY_MB = 32;
    private static final int ENDED_BY_CHECKPOINT = 137;
    private static final List<String> VM_OPTIONS = List.of("-XX:+UseG1GC", "-Xmx1g");

    private record Row(String what, double firstAnswerMs, double pauseMs, double megabytes, String data) {}

    private final List<Row> rows = new ArrayList<>();
    private final SnapshotDirectory snapshots;

    private Demo(SnapshotDirectory snapshots) {
        this.snapshots = snapshots;
    }

    public static void main(String[] args) {
        try (SnapshotDirectory snapshots = SnapshotDirectory.create()) {
            new Demo(snapshots).run();
        } catch (IllegalStateException e) {
            System.err.println("demo failed: " + e.getMessage());
            System.exit(1);
        }
    }

    private void run() {
        say("KeyValueService: %d MB of live random data, G1, JDK %s", HEAP_MB, Runtime.version());
        String before;
        String after;
        try (Service first = Service.start(snapshots.path(), VM_OPTIONS, HEAP_MB)) {
            double coldMs = first.awaitFirstAnswer();
            before = first.verify();
            rows.add(new Row("cold start", coldMs, Double.NaN, Double.NaN, before));
            checkpoint(first, 1);
            try (Service second = restored(first, 1, before)) {
                say("$ curl 127.0.0.1:%d/dirty?mb=%d", second.port(), DIRTY_MB);
                say("  %s records", second.dirty(DIRTY_MB));
                after = second.verify();
                expect(!before.equals(after), "rewriting changed nothing: " + after);
                checkpoint(second, 2);
            }
            restored(first, 2, after).close();
            restored(first, 1, before).close();
        }
        printTable();
    }

    private void checkpoint(Service service, int number) {
        say("$ jcmd %d JDK.checkpoint", service.pid());
        String reply = Jcmd.ofThisJdk().checkpoint(service.process());
        reply.lines().forEach(line -> say("  %s", line));
        int status = service.process().awaitExit();
        expect(status == ENDED_BY_CHECKPOINT, "the process ended with " + status + " after its checkpoint");
        double megabytes = snapshots.bytes(number) / 1e6;
        double pauseMs = new CheckpointReply(reply).pauseMs();
        expect(!Double.isNaN(pauseMs), "the reply does not tell the pause");
        rows.add(new Row("checkpoint %04d".formatted(number), Double.NaN, pauseMs, megabytes, ""));
    }

    private Service restored(Service original, int number, String expected) {
        say("$ thaw restore %s", snapshots.snapshot(number));
        Service service = original.restore(snapshots.snapshot(number));
        double firstMs = service.awaitFirstAnswer();
        String pid = service.get("/pid");
        expect(pid.equals("pid " + service.pid()), "it believes its pid is " + pid + ", not " + service.pid());
        String verified = service.verify();
        expect(verified.equals(expected), "data differs: " + verified + " instead of " + expected);
        say("  process %d answers, data as expected", service.pid());
        rows.add(new Row("restore %04d".formatted(number), firstMs, Double.NaN, Double.NaN, verified));
        return service;
    }

    private void printTable() {
        say("");
        say("%-16s %14s %10s %10s   %s", "", "first answer", "pause", "written", "data over HTTP");
        for (Row row : rows) {
            say("%-16s %14s %10s %10s   %s", row.what(), cell(row.firstAnswerMs(), "ms"), cell(row.pauseMs(), "ms"),
                    cell(row.megabytes(), "MB"), row.data());
        }
    }

    private static String cell(double value, String unit) {
        return Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%.1f %s", value, unit);
    }

    private static void expect(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }

    private static void say(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }
}
