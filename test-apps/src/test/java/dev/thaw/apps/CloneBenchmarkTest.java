// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.Artefacts;
import dev.thaw.apps.drive.Completed;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Its columns agree with each other; whether they are good is not looked at. */
class CloneBenchmarkTest {
    private static final int CLONES = 2;

    @Test
    void mappedPagesThatAreOnlyReadCountByTheirShare() {
        Completed run = Completed.run(List.of(Artefacts.java(), "-cp", Artefacts.TEST_APPS.toString(),
                "dev.thaw.apps.CloneBenchmark", Integer.toString(CLONES), "16"));
        assertEquals(0, run.status(), run.output());
        double[] loaded = row(run.output(), "when all is loaded");
        double image = loaded[1];
        double written = loaded[3];
        double mapped = loaded[6];
        assertEquals(written + (image - written) / CLONES, mapped, image / 20, run.output());
        assertEquals(written, loaded[7], 0.2, run.output());
        for (String early : List.of("after the first answer, prefetch=off", "after the first answer")) {
            assertTrue(row(run.output(), early)[1] < image, run.output());
        }
    }

    private static double[] row(String output, String situation) {
        String row = output.lines().filter(line -> line.matches(situation + " +[0-9. ]+")).findFirst().orElseThrow(
                () -> new AssertionError("no row '" + situation + "' in:\n" + output));
        return Stream.of(row.substring(situation.length()).strip().split(" +")).mapToDouble(Double::parseDouble).toArray();
    }
}
