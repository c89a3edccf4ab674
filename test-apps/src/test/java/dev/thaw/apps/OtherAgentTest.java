// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.Artefacts;
import dev.thaw.apps.drive.Framework;
import dev.thaw.apps.drive.Http;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.Lifecycle;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** OpenTelemetry's agent beside ours, before it or behind it, tracing a server that is checkpointed and restored. */
class OtherAgentTest {
    private static final String SPAN = ".*'GET /greeting' : ([0-9a-f]{32}) .*";
    private static final int WARM_UPS = 5;

    private final SnapshotDirectory snapshots = SnapshotDirectory.create();
    private final int port = Http.freePort();

    @AfterEach
    void delete() {
        snapshots.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void eachRequestIsTracedBeforeAndAfterEachRestore(boolean theirsFirst) {
        try (RunningProcess original = start(theirsFirst)) {
            for (int i = 0; i < WARM_UPS; i++) {
                trace(original);
            }
            Lifecycle.checkpoint(original);
        }
        List<String> traces = new ArrayList<>();
        for (int clone = 0; clone < 2; clone++) {
            try (RunningProcess restored = ThawCommand.restore(snapshots.snapshot(1))) {
                traces.add(trace(restored));
                Lifecycle.mustEndCleanly(restored);
            }
        }
        assertNotEquals(traces.get(0), traces.get(1), "two clones name their traces alike");
        try (RunningProcess restored = ThawCommand.restore(snapshots.snapshot(1))) {
            trace(restored);
            assertTrue(Lifecycle.checkpoint(restored).isDelta());
        }
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            trace(restored);
            Lifecycle.mustEndCleanly(restored);
        }
    }

    private RunningProcess start(boolean theirsFirst) {
        List<String> agents = new ArrayList<>(List.of(
                "-javaagent:" + Artefacts.FRAMEWORKS.resolve("opentelemetry-javaagent.jar"),
                "-javaagent:" + Artefacts.AGENT + "=to=" + snapshots.path()));
        if (!theirsFirst) {
            Collections.reverse(agents);
        }
        return Framework.named("javalin").with(agents.toArray(String[]::new)).with("-Dotel.traces.exporter=console",
                "-Dotel.metrics.exporter=none", "-Dotel.logs.exporter=none").start(port);
    }

    /** The trace's name in the agent's log. */
    private String trace(RunningProcess server) {
        Http.Answer answer = Http.getFirst(server, port, "/greeting", RunningProcess.DEADLINE);
        assertEquals("200 hello", answer.status() + " " + answer.body());
        return server.awaitLine(SPAN).group(1);
    }
}
