// SPDX-License-Identifier: Apache-2.0
package dev.thaw.metadata;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;

class LabelsTest {
    private static final Map<String, String> ENVIRONMENT = Map.of("BAR", "GOO", "foo", "two\nlines");

    @Test
    void takesValuesFromTheEnvironmentAndTheLastOfAName() {
        assertEquals(Map.of("a", "c=d", "bar", "GOO", "BAR", "GOO", "empty", "", "foo", "two lines"),
                Labels.parse("a=b, bar=$BAR ,BAR,,empty=,foo\na=c=d,gone=$GONE", ENVIRONMENT::get));
        assertEquals(Map.of(), Labels.parse(null, ENVIRONMENT::get));
    }

    @Test
    void writesALineForEach() {
        assertEquals("label:cpu.arch=" + System.getProperty("os.arch") + "\nbitmap:cpu.features=0f\nlabel:java.version="
                + System.getProperty("java.version") + "\nlabel:a=b\n", Labels.text(Map.of("a", "b"), "0f"));
    }
}
