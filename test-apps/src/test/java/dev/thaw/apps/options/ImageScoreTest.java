// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.JvmUnderTest;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The file `score` of a snapshot: what the JVM measured and what the user adds, as of that checkpoint. */
class ImageScoreTest {
    private static final String RESOURCES = "jdk.crac.globalContext.size";

    private final SnapshotDirectory snapshots = SnapshotDirectory.create();

    @AfterEach
    void delete() {
        snapshots.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-XX:+UsePerfData", "-XX:-UsePerfData"})
    void hasTheJvmsNumbersAndTheUsers(String flag) throws IOException {
        try (RunningProcess app = start(flag)) {
            app.send("set thaw.metrics test.aaa=1,test.bbb=42");
            app.send("register");
            app.awaitLine("registered 1");
            Jcmd.ofThisJdk().checkpoint(app, "keep_running", "metrics=test.aaa=123.456");
            app.send("set thaw.metrics test.aaa=456.789");
            app.send("register");
            app.awaitLine("registered 2");
            Jcmd.ofThisJdk().checkpoint(app, "keep_running");
        }
        Map<String, Double> first = score(1);
        Map<String, Double> second = score(2);
        assertEquals(123.456, first.get("test.aaa"));
        assertEquals(42.0, first.get("test.bbb"));
        assertEquals(456.789, second.get("test.aaa"));
        assertFalse(second.containsKey("test.bbb"), second.toString());
        assertEquals(1, second.get(RESOURCES) - first.get(RESOURCES));
        for (String name : new String[] {"vm.bootTime", "vm.uptime", "vm.uptimeSinceBoot", "vm.processCpuTime",
            "vm.availableProcessors", "vm.freeMemory", "vm.totalMemory", "vm.maxMemory", "java.cls.loadedClasses",
            "java.ci.totalTime"}) {
            assertTrue(first.get(name) > 0, name + " in " + first);
        }
        assertEquals(-1, first.get("vm.uptimeSinceRestore"));
        assertEquals(first.get("vm.bootTime"), second.get("vm.bootTime"));
        assertEquals(flag.contains("+"), first.containsKey("sun.ci.totalCompiles"), first.toString());
    }

    @Test
    void aRestoredProcessCountsItsUptimeAnew() throws IOException {
        try (RunningProcess app = start("-XX:+UsePerfData")) {
            Jcmd.ofThisJdk().checkpoint(app);
            app.mustExit(ThawCommand.CHECKPOINTED);
        }
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            restored.send("get none");
            restored.awaitLine("property null");
            Jcmd.ofThisJdk().checkpoint(restored);
            restored.mustExit(ThawCommand.CHECKPOINTED);
        }
        Map<String, Double> score = score(2);
        assertTrue(score.get("vm.uptimeSinceRestore") >= 0, score.toString());
        assertEquals(score.get("vm.uptimeSinceRestore"), score.get("vm.uptime"));
        assertTrue(score.get("vm.uptime") < score.get("vm.uptimeSinceBoot"), score.toString());
        assertTrue(score.get("sun.ci.totalCompiles") > 0, score.toString());
        assertEquals(score(1).get("vm.bootTime"), score.get("vm.bootTime"));
    }

    private RunningProcess start(String flag) {
        RunningProcess app = JvmUnderTest.withAgent(snapshots.path()).options("-Xmx64m", "-XX:+UseSerialGC", flag)
                .start("options.Asking");
        app.awaitLine("ready");
        return app;
    }

    /** Each name once. */
    private Map<String, Double> score(int number) throws IOException {
        return Files.readAllLines(snapshots.snapshot(number).resolve("score")).stream().map(line -> line.split("="))
                .collect(Collectors.toMap(parts -> parts[0], parts -> Double.valueOf(parts[1])));
    }
}
