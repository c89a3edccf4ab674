// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.jdkstate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.thaw.apps.drive.RunningProcess;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A restored process has the environment of its `thaw restore`. */
class EnvironmentTest {
    private static final List<String> EVERYWHERE =
            List.of("byName", "held", "listed", "compiled", "native", "child", "builder");
    private static final Map<String, String> BEFORE = Map.of("COLOUR", "red", "STALE", "yes");
    private static final List<String> AFTER = List.of("env", "-u", "STALE", "COLOUR=blue", "FRESH=a=b c");

    @Test
    void everyoneWhoAsksSeesTheRestores() {
        try (Clones clones = ready(null); RunningProcess restored = clones.restore(AFTER)) {
            assertShows(restored, "COLOUR", "blue");
            assertShows(restored, "FRESH", "a=b c");
            assertShows(restored, "STALE", "null");
            var count = Clones.ask(restored, "count", "count ([0-9]+) ([0-9]+)");
            assertEquals(count.group(1), count.group(2));
        }
    }

    @Test
    void anEmptyEnvironmentIsEmpty() {
        try (Clones clones = ready(null); RunningProcess restored = clones.restore(List.of("env", "-i"))) {
            Clones.ask(restored, "count", "count 0 0");
            assertShows(restored, "STALE", "null");
        }
    }

    @Test
    void withoutThePatchTheOldOneStays() {
        try (Clones clones = ready("ProcessEnvironment"); RunningProcess restored = clones.restore(AFTER)) {
            assertShows(restored, "COLOUR", "red");
            assertShows(restored, "FRESH", "null");
            assertShows(restored, "STALE", "yes");
        }
    }

    private static Clones ready(String patch) {
        Clones clones = new Clones(patch, "Environment", List.of(), BEFORE);
        clones.original().awaitLine("ready");
        assertShows(clones.original(), "COLOUR", "red");
        clones.checkpoint();
        return clones;
    }

    private static void assertShows(RunningProcess process, String name, String value) {
        List<String> expected = new ArrayList<>();
        EVERYWHERE.forEach(place -> expected.add(place + " " + value));
        assertEquals(String.join(" ", expected), Clones.ask(process, "show " + name, "byName .*").group());
    }
}
