// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.time;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.JvmUnderTest;
import dev.thaw.apps.harness.MetaFile;
import dev.thaw.apps.harness.OtherClock;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Timed waits of every kind end when they should, on the same boot and on another. */
class TimedWaitingTest {
    private static final int HOUR = 3600;
    /** More than from the callback to the moment when all threads stand still. */
    private static final int SECONDS = 5;

    private final SnapshotDirectory snapshots = SnapshotDirectory.create();

    @AfterEach
    void delete() {
        snapshots.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void endAlthoughTheMachinesClockIsBehind(boolean sameBoot) {
        OtherClock.mustBeAllowed();
        try (RunningProcess app = start(OtherClock.prefix())) {
            checkpoint(app, SECONDS, sameBoot);
        }
        assertAllEnd(List.of());
    }

    /** The second generation's clock is that of the namespace, and is taken to another one. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void endInASecondGeneration(boolean sameBoot) {
        OtherClock.mustBeAllowed();
        try (RunningProcess app = start(OtherClock.prefix())) {
            checkpoint(app, 0, sameBoot);
        }
        try (RunningProcess restored = restore(List.of())) {
            checkpoint(restored, SECONDS, sameBoot);
        }
        assertAllEnd(OtherClock.prefix());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void doNotEndBecauseTheMachinesClockIsAhead(boolean sameBoot) {
        OtherClock.mustBeAllowed();
        try (RunningProcess app = start(List.of())) {
            checkpoint(app, HOUR, sameBoot);
        }
        try (RunningProcess restored = restore(OtherClock.prefix())) {
            assertNoneHasEnded(restored);
            checkpoint(restored, 0, sameBoot);
        }
        try (RunningProcess restored = restore(OtherClock.prefix())) {
            assertNoneHasEnded(restored);
        }
    }

    private static void assertNoneHasEnded(RunningProcess restored) {
        restored.send("rest");
        assertEquals("0: []", restored.awaitLine("ended (.*)").group(1));
    }

    private void assertAllEnd(List<String> prefix) {
        try (RunningProcess restored = restore(prefix)) {
            restored.send("await");
            restored.awaitLine("all [0-9]+ ended");
        }
    }

    private RunningProcess start(List<String> prefix) {
        RunningProcess app = JvmUnderTest.withAgent(snapshots.path())
                .options("-Xmx64m", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED").prefix(prefix)
                .start("time.TimedWaits");
        app.awaitLine("ready");
        return app;
    }

    private RunningProcess restore(List<String> prefix) {
        RunningProcess restored = ThawCommand.restore(prefix, snapshots.path());
        restored.awaitLine("restored");
        return restored;
    }

    /** With waits that begin at this checkpoint; 0: with none. */
    private void checkpoint(RunningProcess app, int seconds, boolean sameBoot) {
        app.send("begin " + seconds);
        app.awaitLine("will begin");
        Jcmd.ofThisJdk().checkpoint(app);
        app.mustExit(ThawCommand.CHECKPOINTED);
        if (!sameBoot) {
            MetaFile.read(snapshots.meta(snapshots.numbers().getLast())).set("boot_id", 0).seal();
        }
    }
}
