// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.Artefacts;
import dev.thaw.apps.drive.Completed;
import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.JvmUnderTest;
import java.nio.file.Path;
import java.util.regex.Matcher;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** jdk.crac.management.CRaCMXBean is a platform MXBean: by org.crac, ManagementFactory, and the MBeanServer. */
class MXBeanTest {
    private static final String LINE = "mxbean facade (-?[0-9]+) (-?[0-9]+) bean (-?[0-9]+) server (-?[0-9]+) "
            + "proxy (-?[0-9]+) same true name jdk.management:type=CRaC";

    private final SnapshotDirectory snapshots = SnapshotDirectory.create();

    @TempDir
    private Path files;

    @AfterEach
    void delete() {
        snapshots.close();
    }

    /** With and without ManagementFactory in use before the checkpoint. */
    @ParameterizedTest
    @ValueSource(strings = {"", "before"})
    void tellsWhenTheProcessWasRestored(String before) {
        try (RunningProcess app = start(before)) {
            if (!before.isEmpty()) {
                assertTimes(app.awaitLine(LINE), -1, -1);
            }
            app.awaitLine("ready");
            Jcmd.ofThisJdk().checkpoint(app);
            app.mustExit(ThawCommand.CHECKPOINTED);
        }
        long earliest = System.currentTimeMillis();
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            restored.send("now");
            long answered = Long.parseLong(restored.awaitLine("now ([0-9]+)").group(1));
            Jcmd.ofThisJdk().status(restored); // behind afterRestore
            restored.send("mxbean");
            Matcher line = restored.awaitLine(LINE);
            assertTimes(line, earliest - 1, answered + 1);
            assertTrue(Long.parseLong(line.group(2)) >= 0, line.group());
        }
    }

    /** Another agent in front of ours has used it, and so has a JVM that Thaw is attached to. */
    @Test
    void isThereWhenManagementFactoryWasFirst() {
        try (RunningProcess app = RunningProcess.start(JvmUnderTest.withAgent(snapshots.path())
                .options("-Xmx64m", "-Dcom.sun.management.jmxremote").command("options.Asking", "before"))) {
            assertTimes(app.awaitLine(LINE), -1, -1);
        }
        try (RunningProcess app = JvmUnderTest.withoutAgent().options("-XX:+EnableDynamicAgentLoading", "-Xmx64m")
                .start("options.Asking")) {
            app.awaitLine("ready");
            app.send("beans");
            app.awaitLine("beans [0-9]+");
            Completed loaded = Jcmd.ofThisJdk().run(app.pid(), "JVMTI.agent_load", Artefacts.AGENT.toString());
            assertEquals(0, loaded.status(), loaded.output());
            app.send("mxbean");
            assertTimes(app.awaitLine(LINE), -1, -1);
        }
    }

    private RunningProcess start(String argument) {
        JvmUnderTest jvm = JvmUnderTest.withAgent(snapshots.path()).options("-Xmx64m", "-XX:+UseSerialGC");
        return argument.isEmpty() ? jvm.start("options.Asking") : jvm.start("options.Asking", argument);
    }

    /** All ways give the same. */
    private static void assertTimes(Matcher line, long low, long high) {
        long time = Long.parseLong(line.group(1));
        assertTrue(time >= low && time <= high, line.group() + " is not within " + low + " and " + high);
        for (int group : new int[] {3, 4, 5}) {
            assertEquals(line.group(1), line.group(group), line.group());
        }
    }
}
