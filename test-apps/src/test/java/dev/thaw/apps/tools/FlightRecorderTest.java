// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.Completed;
import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.JvmUnderTest;
import dev.thaw.apps.harness.Lifecycle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** JFR records before and after a checkpoint, and no two processes write into one file. */
class FlightRecorderTest {
    private final SnapshotDirectory snapshots = SnapshotDirectory.create();
    private final Jcmd jcmd = Jcmd.ofThisJdk();

    @TempDir
    private Path files;

    @AfterEach
    void delete() {
        snapshots.close();
    }

    @Test
    void aRecordingIsWrittenAtTheEndAndEachCloneBeginsItAnewInAFileOfItsOwn() throws IOException {
        Path one = files.resolve("one.jfr");
        checkpointed(one, "before");
        assertEquals(List.of("before"), ticks(one));
        try (RunningProcess a = ThawCommand.restore(snapshots.path());
                RunningProcess b = ThawCommand.restore(snapshots.path())) {
            tick(a, "of a");
            tick(b, "of b");
            Path dump = files.resolve("dump.jfr");
            assertTrue(run(a, "JFR.dump", "name=1", "filename=" + dump).contains("Dumped recording"));
            assertEquals(List.of("of a"), ticks(dump));
            end(a);
            end(b);
        }
        assertEquals(List.of("before"), ticks(one));
        assertEquals(List.of("of a", "of b"), Stream.of("one.0.jfr", "one.1.jfr")
                .flatMap(name -> ticks(files.resolve(name)).stream()).sorted().toList());
    }

    @Test
    void aRestoreTakesTheFileOfTheCommandLineWhenItIsFree() throws IOException {
        Path one = files.resolve("one.jfr");
        checkpointed(one, "before");
        Files.delete(one);
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            tick(restored, "after");
            end(restored);
        }
        assertEquals(List.of("after"), ticks(one));
    }

    @Test
    void aProcessThatRunsOnLosesNothing() throws IOException {
        Path one = files.resolve("one.jfr");
        try (RunningProcess app = start("-XX:StartFlightRecording=filename=" + one)) {
            tick(app, "first");
            jcmd.checkpoint(app, "keep_running=true");
            tick(app, "second");
            restoreBeside(files.resolve("one.0.jfr")); // while the chunks of the first are there
            jcmd.checkpoint(app, "keep_running=true");
            tick(app, "third");
            end(app);
        }
        assertEquals(List.of("first", "second", "third"), ticks(one));
        restoreBeside(files.resolve("one.1.jfr"));
    }

    private void restoreBeside(Path file) {
        try (RunningProcess restored = ThawCommand.restore(snapshots.snapshot(1))) {
            tick(restored, "of the clone");
            end(restored);
        }
        assertEquals(List.of("of the clone"), ticks(file));
    }

    @Test
    void aRefusedCheckpointLeavesTheRecordingAsItWas() throws IOException {
        Path one = files.resolve("one.jfr");
        try (RunningProcess app = start("-XX:StartFlightRecording=filename=" + one)) {
            tick(app, "first");
            app.send("open " + files.resolve("refused"));
            app.awaitLine("done open .*");
            Completed refused = jcmd.run(app.pid(), "JDK.checkpoint");
            assertEquals(1, refused.status(), refused.output());
            assertFalse(refused.output().contains(".jfr"), refused.output());
            tick(app, "second");
            end(app);
        }
        assertEquals(List.of("first", "second"), ticks(one));
    }

    @Test
    void eventStreamsGoOnThroughTwoGenerations() {
        try (RunningProcess app = start()) {
            app.send("stream");
            app.awaitLine("done stream");
            streamed(app, "one");
            jcmd.checkpoint(app, "keep_running=true");
            streamed(app, "two");
            try (RunningProcess clone = ThawCommand.restore(snapshots.path())) {
                streamed(clone, "of the clone");
                end(clone);
            }
            Lifecycle.checkpoint(app);
        }
        for (int generation = 2; generation < 4; generation++) {
            try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
                streamed(restored, "of generation " + generation);
                Lifecycle.checkpoint(restored);
            }
        }
        for (int snapshot : List.of(1, 2)) { // the process that ran on has removed its files
            try (RunningProcess restored = ThawCommand.restore(snapshots.snapshot(snapshot))) {
                streamed(restored, "of snapshot " + snapshot);
                end(restored);
            }
        }
    }

    @Test
    void recordingsThatDoNotRunAreUsedAfterARestore() {
        try (RunningProcess app = start()) {
            app.send("recordings " + files);
            app.awaitLine("done recordings .*");
            Lifecycle.checkpoint(app);
        }
        for (String name : List.of("new.0.jfr", "new.1.jfr")) {
            try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
                restored.send("use");
                restored.awaitLine("delayed is STOPPED");
                assertEquals(List.of("of the stopped"), ticks(files.resolve("stopped.jfr")));
                assertEquals(List.of("of the new"), ticks(files.resolve(name)));
                end(restored);
            }
        }
    }

    @Test
    void jcmdStartsAndStopsRecordingsBeforeAndAfter() {
        Path flight = files.resolve("flight.jfr");
        try (RunningProcess app = start()) {
            assertTrue(run(app, "JFR.start", "name=flight", "filename=" + flight).contains("Started recording"));
            tick(app, "before");
            Lifecycle.checkpoint(app);
        }
        assertEquals(List.of("before"), ticks(flight));
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            assertTrue(run(restored, "JFR.start", "name=late").contains("Started recording"));
            tick(restored, "after");
            String check = run(restored, "JFR.check");
            assertTrue(check.contains("name=flight") && check.contains("name=late"), check);
            Path late = files.resolve("late.jfr");
            run(restored, "JFR.stop", "name=late", "filename=" + late);
            run(restored, "JFR.stop", "name=flight");
            assertEquals(List.of("after"), ticks(late));
            assertEquals(List.of("after"), ticks(files.resolve("flight.0.jfr")));
            end(restored);
        }
    }

    @Test
    void withoutThePatchTheOpenChunkIsRefused() {
        try (RunningProcess app = start("-Dthaw.patch.PlatformRecorder=off", "-XX:StartFlightRecording")) {
            app.awaitLine("ready");
            Completed refused = jcmd.run(app.pid(), "JDK.checkpoint");
            assertEquals(1, refused.status(), refused.output());
            assertTrue(refused.output().contains(".jfr (fd "), refused.output());
        }
    }

    @Test
    void loadsNothingOfJfrWhereItIsNotUsed() {
        try (RunningProcess app = JvmUnderTest.withAgent(snapshots.path()).options("-Xlog:class+load")
                .start("OpenThings")) {
            app.awaitLine("ready");
            jcmd.checkpoint(app, "keep_running=true");
            app.send("ping");
            app.awaitLine("pong");
            assertEquals(List.of(), app.output().stream().filter(line -> line.contains(" jdk.jfr.")
                    || line.contains("dev.thaw.patches.jfr.JfrInternals")).toList());
        }
    }

    private void checkpointed(Path file, String tick) {
        try (RunningProcess app = start("-XX:StartFlightRecording=filename=" + file)) {
            tick(app, tick);
            Path chunks = Path.of(run(app, "JFR.configure").replaceAll("(?s).*Repository path: (.*?)\n.*", "$1"));
            assertTrue(Files.isDirectory(chunks), chunks.toString());
            Lifecycle.checkpoint(app);
            assertFalse(Files.exists(chunks), chunks.toString());
        }
    }

    private RunningProcess start(String... options) {
        return JvmUnderTest.withAgent(snapshots.path()).options(options).start("tools.FlightRecorded");
    }

    private String run(RunningProcess app, String... command) {
        Completed result = jcmd.run(Long.toString(app.pid()), command);
        assertEquals(0, result.status(), result.output());
        return result.output();
    }

    private static void tick(RunningProcess app, String text) {
        app.send("tick " + text);
        app.awaitLine("done tick " + text);
    }

    private static void streamed(RunningProcess app, String text) {
        app.send("tick " + text);
        app.awaitLine("streamed " + text);
    }

    private static void end(RunningProcess app) {
        app.send("end");
        app.mustExit(0);
    }

    private static List<String> ticks(Path file) {
        try {
            return RecordingFile.readAllEvents(file).stream()
                    .filter(event -> event.getEventType().getName().equals("dev.thaw.Tick"))
                    .map(event -> event.getString("text")).toList();
        } catch (IOException e) {
            throw new AssertionError(file.toString(), e);
        }
    }
}
