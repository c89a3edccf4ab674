// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.time;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.JvmUnderTest;
import dev.thaw.apps.harness.MetaFile;
import dev.thaw.apps.harness.OtherClock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * System.nanoTime() goes on: on the same boot by what has passed, on another one by what has passed on the wall clock,
 * whichever machine has been up for longer.
 */
class NanoTimeTest {
    private static final long HOUR_NS = TimeUnit.HOURS.toNanos(1);
    /** The wall clock may be set while the test runs. */
    private static final long SLACK_NS = TimeUnit.SECONDS.toNanos(2);

    private enum Clock { SAME, SNAPSHOT_AHEAD, SNAPSHOT_BEHIND }

    /** What an application said, and this process's own clock before and after. */
    private record Answer(long nano, long startMs, long before, long after, String offset) {}

    private final SnapshotDirectory snapshots = SnapshotDirectory.create();

    @AfterEach
    void delete() {
        snapshots.close();
    }

    @ParameterizedTest
    @CsvSource({"true,SAME", "true,SNAPSHOT_AHEAD", "true,SNAPSHOT_BEHIND",
        "false,SAME", "false,SNAPSHOT_AHEAD", "false,SNAPSHOT_BEHIND"})
    void goesOnByWhatHasPassed(boolean sameBoot, Clock clock) {
        OtherClock.mustBeAllowed();
        Answer then = checkpoint(clock == Clock.SNAPSHOT_AHEAD);
        if (!sameBoot) {
            MetaFile.read(snapshots.meta(1)).set("boot_id", 0).seal();
        }
        Answer now = restoredAndAsked(clock == Clock.SNAPSHOT_BEHIND);
        assertGoesOn(then, now, 0, sameBoot ? 0 : SLACK_NS);
        assertStartIsThatOf(now);
        if (sameBoot) {
            assertEquals(then.offset, now.offset);
        }
    }

    @ParameterizedTest
    @CsvSource({"false", "true"})
    void theWallClocksGapHasPassedOnAnotherBoot(boolean ahead) {
        OtherClock.mustBeAllowed();
        Answer then = checkpoint(ahead);
        movedBackBy(HOUR_NS);
        assertGoesOn(then, restoredAndAsked(false), HOUR_NS, SLACK_NS);
    }

    /** The snapshot is of the future: nothing has passed, but what the processes themselves have taken. */
    @Test
    void neverGoesBackWithTheWallClock() {
        OtherClock.mustBeAllowed();
        Answer then = checkpoint(true);
        movedBackBy(-HOUR_NS);
        Answer now = restoredAndAsked(false);
        assertTrue(now.nano >= then.nano, now + " < " + then);
        assertTrue(now.nano - then.nano <= now.after - then.before, now + " - " + then);
    }

    /** As on a virtual machine that was set back: the boot id is the same, and the clock is behind. */
    @Test
    void aClockBehindOnTheSameBootIsAnotherBoots() {
        OtherClock.mustBeAllowed();
        Answer then = checkpoint(true);
        MetaFile.read(snapshots.meta(1)).set("monotonic_offset_ns", 0).seal();
        assertGoesOn(then, restoredAndAsked(false), 0, SLACK_NS);
    }

    private void movedBackBy(long nanos) {
        MetaFile meta = MetaFile.read(snapshots.meta(1));
        meta.set("boot_id", 0).set("realtime_ns", meta.getLong("realtime_ns") - nanos).seal();
    }

    private Answer checkpoint(boolean inOtherClock) {
        JvmUnderTest jvm = JvmUnderTest.withAgent(snapshots.path())
                .options("-Xmx64m", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED");
        try (RunningProcess app = jvm.prefix(inOtherClock ? OtherClock.prefix() : List.of()).start("time.Clocks")) {
            app.awaitLine("ready");
            Answer answer = ask(app);
            assertEquals(inOtherClock, answer.nano > answer.after, "in the other clock: " + answer);
            Jcmd.ofThisJdk().checkpoint(app);
            app.mustExit(ThawCommand.CHECKPOINTED);
            return answer;
        }
    }

    private Answer restoredAndAsked(boolean inOtherClock) {
        List<String> prefix = inOtherClock ? OtherClock.prefix() : List.of();
        try (RunningProcess app = ThawCommand.restore(prefix, snapshots.path())) {
            Answer answer = ask(app);
            assertEquals(List.of(), app.errorOutput());
            return answer;
        }
    }

    /** The JDK keeps the time of the boot; the namespace has the same. */
    private static void assertStartIsThatOf(Answer restored) {
        long now = System.currentTimeMillis();
        assertTrue(Math.abs(restored.startMs - now) < TimeUnit.MINUTES.toMillis(10), restored.startMs + ", not " + now);
    }

    private static Answer ask(RunningProcess app) {
        long before = System.nanoTime();
        app.send("ask");
        Matcher line = app.awaitLine("nano ([0-9]+) start ([0-9]+) agree (true|false)");
        if (line.group(3).equals("false")) {
            throw app.failure("has two clocks");
        }
        return new Answer(Long.parseLong(line.group(1)), Long.parseLong(line.group(2)), before, System.nanoTime(),
                OtherClock.offset(app.pid()));
    }

    private static void assertGoesOn(Answer then, Answer now, long gap, long slack) {
        long passed = now.nano - then.nano - gap;
        assertTrue(passed >= now.before - then.after - slack, "only " + passed + ": " + then + " " + now);
        assertTrue(passed <= now.after - then.before + slack, passed + ": " + then + " " + now);
    }
}
