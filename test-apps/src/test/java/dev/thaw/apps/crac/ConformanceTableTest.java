// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.crac;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.Artefacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/conformance.md: each line of CRaC's list once, and each test that it names is there. */
class ConformanceTableTest {
    /** In CRaC's list, where a class that several tests share stands with one of them. */
    private static final int LINES = 140;
    private static final Path TREE = Artefacts.TEST_APPS.resolve("../../..").normalize();
    private static final Pattern ROW = Pattern.compile("\\| ([^|]+) \\| ([^|]+) \\| ([^|]*) ?\\|");
    private static final Pattern REFERENCE = Pattern.compile("`([\\w.]+)#(\\w+)`");

    private record Line(String name, String verdict, String tests) {}

    @Test
    void hasEachLineOnceWithAVerdict() throws IOException {
        List<Line> lines = lines();
        Set<String> names = new HashSet<>();
        for (Line line : lines) {
            assertTrue(names.add(line.name()), "twice: " + line.name());
            assertTrue(line.verdict().matches("passes|(differs|not applicable): .+"), line.toString());
            boolean testable = line.verdict().equals("passes") || line.verdict().startsWith("differs");
            assertEquals(testable, REFERENCE.matcher(line.tests()).find(), line.toString());
        }
        assertEquals(LINES, lines.size());
    }

    @Test
    void namesTestsThatExist() throws IOException {
        List<String> missing = new ArrayList<>();
        for (Line line : lines()) {
            Matcher reference = REFERENCE.matcher(line.tests());
            while (reference.find()) {
                if (!exists(reference.group(1), reference.group(2))) {
                    missing.add(line.name() + ": " + reference.group());
                }
            }
        }
        assertEquals(List.of(), missing);
    }

    private static boolean exists(String type, String method) throws IOException {
        Path file = Path.of("src/test/java/dev/thaw", type.replace('.', '/') + ".java");
        Pattern test = Pattern.compile("@(Parameterized)?Test\\b[^;]*?\\bvoid " + method + "\\(");
        for (String module : List.of("restore-core", "jdk-patches", "agent", "test-apps")) {
            Path source = TREE.resolve(module).resolve(file);
            if (Files.exists(source) && test.matcher(Files.readString(source)).find()) {
                return true;
            }
        }
        return false;
    }

    private static List<Line> lines() throws IOException {
        try (Stream<String> text = Files.lines(TREE.resolve("docs/conformance.md"))) {
            return text.map(ROW::matcher).filter(Matcher::matches)
                    .map(row -> new Line(row.group(1), row.group(2), row.group(3).strip()))
                    .filter(line -> !line.name().equals("CRaC's test")).toList();
        }
    }
}
