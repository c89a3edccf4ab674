// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.Artefacts;
import dev.thaw.apps.drive.Completed;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;

/** Every variant of every table runs and finds the bytes it must; figures are not looked at. */
class FaultBenchTest {
    private static final List<String> PATTERNS = List.of("read in order", "read at random", "write", "30 % writes");
    private static final List<String> THREADS = List.of("1", "3");
    private static final List<String> COMPARED = List.of("mmap, private", "copied by two threads, no userfaultfd",
            "userfaultfd 4 KB, handler thread", "userfaultfd 4 KB, SIGBUS", "userfaultfd 2 MB, THP staged and moved", "userfaultfd 2 MB, copied to 4 KB pages");
    private static final List<String> THAW = List.of("Thaw, on demand, tracked", "Thaw, loader, tracked",
            "Thaw, loader, untracked", "Thaw, loader not yielding, tracked", "Thaw, all recorded, tracked");
    private static final List<String> UNTRACKED = List.of("Thaw, on demand, untracked",
            "Thaw, loader not yielding, untracked", "Thaw, all recorded, untracked");
    private static final List<String> FAULTING = List.of("mmap, private", "userfaultfd 4 KB, handler thread",
            "userfaultfd 4 KB, SIGBUS", "Thaw, window 4 KB", "Thaw, window 64 KB");
    private static final List<String> RESETS = List.of("a fresh mmap each time", "mmap reused, MADV_DONTNEED",
            "mmap reused, mprotect, MADV_DONTNEED", "memcpy of the whole region", "userfaultfd eager, the whole region",
            "userfaultfd lazy, handler thread", "userfaultfd lazy, SIGBUS",
            "Thaw, track_reset", "no reset at all");
    private static final List<String> OTHER_TABLES = List.of("By the window around a fault", "What a page costs in one thread",
            "What dirty tracking costs", "An access that faults: median", "An access that faults: p99", "An access that faults: the longest");
    private static final String HUGETLB = "userfaultfd 2 MB, hugetlb";

    @TempDir
    private Path files;

    private static Completed bench(String... arguments) {
        List<String> command = new ArrayList<>(List.of(Artefacts.java(), "-cp", Artefacts.TEST_APPS.toString(),
                "dev.thaw.apps.FaultBench", "--folder", Artefacts.TEST_APPS.getParent().toString(), "--rounds", "1"));
        command.addAll(List.of(arguments));
        return Completed.run(command);
    }

    @Test
    void everyVariantOfEveryTableRuns() throws Exception {
        Path csv = files.resolve("faults.csv");
        Path svg = files.resolve("faults.svg");
        Completed run = bench("--mb", "16", "--cold-mb", "8", "--threads", "1,3", "--region-mb", "2", "--resets", "12",
                "--csv", csv.toString(), "--svg", svg.toString());
        assertEquals(0, run.status(), run.output());
        List<String> lines = Files.readAllLines(csv);
        List<String> expected = expectedCells();
        if (!run.output().contains("note: no hugetlb")) {
            addCells(expected, "warm", List.of(HUGETLB), PATTERNS);
        }
        for (String cell : expected) {
            assertEquals(1, lines.stream().filter(line -> line.startsWith(cell)).count(), cell + " in " + run.output());
        }
        assertEquals(expected.size() + 24, lines.stream().filter(line -> !line.startsWith("table,")).count(),
                () -> String.join("\n", lines));        // 14 costs of a page, 10 of tracking
        COMPARED.forEach(name -> assertTrue(run.output().contains(name), run.output()));
        checkPicture(Files.readString(svg));
    }

    private static List<String> expectedCells() {
        List<String> cells = new ArrayList<>();
        for (String table : List.of("warm", "cold")) {
            addCells(cells, table, COMPARED, PATTERNS);
            addCells(cells, table, THAW, PATTERNS);
        }
        addCells(cells, "warm", UNTRACKED, PATTERNS);
        addCells(cells, "windows", List.of("mmap, private", "on demand, window 4 KB", "on demand, window 16 KB",
                "on demand, window 64 to 256 KB (shipped)", "on demand, window 128 KB", "on demand, window 256 KB"), PATTERNS);
        List<String> faulting = new ArrayList<>(FAULTING);
        FAULTING.forEach(name -> faulting.add(name + ", beside others"));
        for (String table : List.of("scaling", "latency-p50", "latency-p99", "latency-max")) {
            addCells(cells, table, faulting, THREADS);
        }
        addCells(cells, "reset", RESETS, THREADS);
        addCells(cells, "reset-cpu", RESETS, THREADS);
        return cells;
    }

    private static void addCells(List<String> cells, String table, List<String> variants, List<String> columns) {
        for (String variant : variants) {
            columns.forEach(column -> cells.add("%s,\"%s\",\"%s\",".formatted(table, variant, column)));
        }
    }

    private static void checkPicture(String svg) throws Exception {
        String text = DocumentBuilderFactory.newInstance().newDocumentBuilder()
                .parse(new InputSource(new StringReader(svg))).getDocumentElement().getTextContent();
        for (List<String> names : List.of(COMPARED, THAW, FAULTING, RESETS, OTHER_TABLES)) {
            names.forEach(name -> assertTrue(text.contains(name), name));
        }
        assertTrue(!svg.contains("NaN") && !svg.contains("Infinity"), svg);
    }

    @Test
    void aWrongByteIsFoundByTheBenchmarkAndByTheEngine() throws IOException {
        String[] small = {"--mb", "8", "--cold-mb", "8", "--tables", "warm", "--damage", "1000"};
        Completed mapped = bench(with(small, "--only", "mmap"));
        assertEquals(1, mapped.status(), mapped.output());
        assertTrue(mapped.output().contains("mmap, private, read in order: 1 words are not what they must be"),
                mapped.output());
        Completed engine = bench(with(small, "--only", "Thaw"));
        assertEquals(1, engine.status(), engine.output());
        assertTrue(engine.output().contains("page data is damaged: its checksum differs"), engine.output());
        assertTrue(engine.output().contains("a measurement ended with status 86"), engine.output());
    }

    private static String[] with(String[] some, String... more) {
        List<String> all = new ArrayList<>(List.of(some));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    @Test
    void anUnknownOptionIsRefusedByName() {
        Completed run = bench("--size", "8");
        assertEquals(1, run.status(), run.output());
        assertTrue(run.output().contains("unknown option --size"), run.output());
    }
}
