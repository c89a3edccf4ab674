// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.CProgram;
import dev.thaw.apps.harness.JvmUnderTest;
import dev.thaw.apps.harness.Lifecycle;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** JNI, FFM, direct buffers and threads of native code go on, whatever the collector. */
class NativeThingsTest {
    private final SnapshotDirectory snapshots = SnapshotDirectory.create();

    @AfterEach
    void delete() {
        snapshots.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-XX:+UseG1GC", "-XX:+UseZGC"})
    void nativeThreadsReferencesBuffersAndStubsGoOnThroughADelta(String collector) {
        try (RunningProcess app = JvmUnderTest.withAgent(snapshots.path())
                .options(collector, "-Xmx128m", "-Xcheck:jni", "--enable-native-access=ALL-UNNAMED")
                .start("NativeThings", CProgram.jniLibrary("native_things").toString())) {
            app.awaitLine("ready");
            check(app, 2);
            Lifecycle.checkpoint(app);
        }
        try (RunningProcess one = ThawCommand.restore(snapshots.path());
                RunningProcess other = ThawCommand.restore(snapshots.path())) {
            check(one, 3);
            check(other, 3);
            assertTrue(Lifecycle.checkpoint(one).isDelta());
            check(other, 4);
        }
        try (RunningProcess restored = ThawCommand.restore(snapshots.snapshot(2))) {
            check(restored, 4);
            Lifecycle.mustEndCleanly(restored);
            assertEquals(List.of(), restored.errorOutput());
        }
    }

    private static void check(RunningProcess app, int times) {
        app.send("check");
        assertEquals("check ok " + times, app.awaitLine("check ok .*|wrong: .*").group());
    }
}
