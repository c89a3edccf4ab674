// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.jdkstate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.thaw.apps.drive.Completed;
import dev.thaw.apps.drive.RunningProcess;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Start time, uptime and the pools that fit the processors are the restored process'. */
class RuntimeFactsTest {
    private static final String STARTED = "start ([0-9]+) uptime ([0-9]+) now ([0-9]+)";
    private static final String PROCESSORS = "processors ([0-9]+) common ([0-9]+) carriers ([0-9]+)";
    private static final List<String> ON_ONE = List.of("taskset", "-c", "0");

    @Test
    void aRestoredProcessStartedWhenItWasRestored() {
        try (Clones clones = ready(null, List.of())) {
            long end = checkpoint(clones);
            try (RunningProcess restored = clones.restore()) {
                Matcher after = Clones.ask(restored, "started", STARTED);
                assertTrue(number(after, 1) >= end, after.group());
                assertTrue(number(after, 2) <= number(after, 3) - end, after.group());
            }
        }
    }

    @Test
    void withoutThePatchItStartedWithTheOriginal() {
        try (Clones clones = ready("RuntimeImpl", List.of())) {
            Matcher before = clones.ask("started", STARTED);
            checkpoint(clones);
            try (RunningProcess restored = clones.restore()) {
                Matcher after = Clones.ask(restored, "started", STARTED);
                assertEquals(number(before, 1), number(after, 1));
                assertTrue(number(after, 2) >= number(before, 2), after.group());
            }
        }
    }

    @Test
    void poolsFollowTheNumberOfProcessors() {
        assumeSeveralProcessors();
        try (Clones clones = ready(null, List.of())) {
            assertProcessors(clones.original(), cpus(), cpus() - 1, cpus());
            clones.checkpoint();
            try (RunningProcess restored = clones.restore(ON_ONE)) {
                assertProcessors(restored, 1, 1, 1);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 6})
    void aNumberThatSomebodyChoseStays(int fixed) {
        assumeSeveralProcessors();
        List<String> flags = List.of("-Djdk.virtualThreadScheduler.parallelism=" + fixed);
        try (Clones clones = ready(null, flags)) {
            clones.ask("fix " + fixed, "was .*");
            clones.checkpoint();
            try (RunningProcess restored = clones.restore(ON_ONE)) {
                assertProcessors(restored, 1, fixed, fixed);
            }
        }
    }

    /** From one processor to all, where the difference is seen with two, too. */
    @Test
    void withoutThePatchesTheyStay() {
        assumeSeveralProcessors();
        try (Clones clones = ready("VirtualThread", List.of("-Dthaw.patch.ForkJoinPool=off"))) {
            clones.checkpoint();
            try (RunningProcess restored = clones.restore(ON_ONE)) {
                assertProcessors(restored, 1, cpus() - 1, cpus());
            }
        }
    }

    private static Clones ready(String patch, List<String> flags) {
        Clones clones = new Clones(patch, "RuntimeFacts", flags, Map.of());
        clones.original().awaitLine("ready");
        return clones;
    }

    private static long checkpoint(Clones clones) {
        clones.checkpoint();
        return System.currentTimeMillis();
    }

    private static void assertProcessors(RunningProcess process, int processors, int common, int carriers) {
        assertEquals("processors %d common %d carriers %d".formatted(processors, common, carriers),
                Clones.ask(process, "processors", PROCESSORS).group());
    }

    private static int cpus() {
        return Runtime.getRuntime().availableProcessors();
    }

    private static void assumeSeveralProcessors() {
        assumeTrue(cpus() > 1 && Completed.run("taskset", "-c", "0", "true").status() == 0, "one processor, or no taskset");
    }

    private static long number(Matcher line, int group) {
        return Long.parseLong(line.group(group));
    }
}
