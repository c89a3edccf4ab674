// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** faultbench measures the code that ships: libthaw.so and it hold the same bytes of the same object files. */
class FaultBenchObjectsTest {
    private static final Path LIBRARY = Path.of(System.getProperty("thaw.lib"));
    private static final Path BENCH = LIBRARY.resolveSibling("faultbench");
    private static final Path OBJECTS = LIBRARY.resolveSibling("build").resolve("lib");
    private static final int RELOCATED_BYTES = 4;

    @Test
    void theBenchmarkIsLinkedWithTheShippedObjects() throws IOException {
        ElfFile library = ElfFile.read(LIBRARY);
        ElfFile bench = ElfFile.read(BENCH);
        List<String> compared = new ArrayList<>();
        for (Path path : objects()) {
            ElfFile object = ElfFile.read(path);
            assertEquals(List.of(), differences(object, library));
            assertEquals(List.of(), differences(object, bench));
            compared.add(path.getParent().getFileName() + "/" + path.getFileName());
        }
        assertTrue(compared.containsAll(List.of("fault/server.c.o", "fault/loader.c.o", "fault/load.c.o",
                "fault/fill.c.o", "fault/read.c.o", "fault/serve.c.o", "image/crc.c.o", "track/reset.c.o", "track/uffd.c.o")), compared::toString);
    }

    @Test
    void anotherInstructionIsFound() throws IOException {
        ElfFile bench = ElfFile.read(BENCH);
        byte[] content = Files.readAllBytes(BENCH);
        content[bench.offset(bench.address("load_around"))] ^= 1;
        assertEquals(1, differences(ElfFile.read(OBJECTS.resolve("fault/load.c.o")), new ElfFile(BENCH, content)).size());
    }

    @Test
    void aCallOfAnotherFunctionIsFound() throws IOException {
        ElfFile bench = ElfFile.read(BENCH);
        ElfFile object = ElfFile.read(OBJECTS.resolve("fault/read.c.o"));
        byte[] content = Files.readAllBytes(BENCH);
        ElfFile.Relocation call = object.relocations(object.section(".text")).stream()
                .filter(relocation -> relocation.symbol().equals("crc32c_page")).findFirst().orElseThrow();
        content[bench.offset(start(object, bench)) + call.offset()] ^= 1;
        assertEquals(1, differences(object, new ElfFile(BENCH, content)).size());
    }

    private static List<Path> objects() throws IOException {
        List<Path> all = new ArrayList<>();
        for (String folder : List.of("fault", "track", "image", "engine", "restore", "sys")) {
            try (Stream<Path> files = Files.list(OBJECTS.resolve(folder))) {
                all.addAll(files.filter(path -> path.toString().endsWith(".c.o") && hasSource(path)).sorted().toList());
            }
        }
        return all;
    }

    /** Not left over from a source that is gone. */
    private static boolean hasSource(Path object) {
        Path source = OBJECTS.relativize(object);
        return Files.exists(LIBRARY.resolveSibling("../src/main/c").resolve(source.toString().replaceFirst("\\.o$", "")));
    }

    /** Where the linker put the object's code. */
    private static long start(ElfFile object, ElfFile linked) {
        ElfFile.Symbol anchor = object.anchor(object.section(".text"));
        return linked.address(anchor.name()) - anchor.value();
    }

    /** What of the object's code the linked file has otherwise: bytes, or the functions and variables they name. */
    private static List<String> differences(ElfFile object, ElfFile linked) {
        List<String> differences = new ArrayList<>();
        ElfFile.Section text = object.section(".text");
        byte[] expected = object.content(text);
        if (expected.length == 0) {
            return differences;
        }
        long start = start(object, linked);
        byte[] actual = linked.content(start, expected.length);
        ByteBuffer fields = ByteBuffer.wrap(actual.clone()).order(ByteOrder.LITTLE_ENDIAN);
        for (ElfFile.Relocation relocation : object.relocations(text)) {
            int at = relocation.offset();
            long target = start + at + fields.getInt(at) - relocation.addend();
            if (!relocation.symbol().isEmpty() && target != linked.address(relocation.symbol())) {
                differences.add("%s: at 0x%x not %s".formatted(linked.path(), at, relocation.symbol()));
            }
            System.arraycopy(expected, relocation.start(), actual, relocation.start(), at + RELOCATED_BYTES - relocation.start());
        }
        for (int i = 0; i < expected.length; i++) {
            if (expected[i] != actual[i]) {
                differences.add("%s: another byte at 0x%x of %s".formatted(linked.path(), i, object.path()));
            }
        }
        return differences;
    }
}
