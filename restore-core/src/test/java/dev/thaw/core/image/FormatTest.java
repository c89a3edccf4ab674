// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core.image;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.thaw.core.COffsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FormatTest {
    private static final String HEADER = "image/format.h";

    @TempDir
    private Path folder;

    @Test
    void structsAreThoseOfFormatH() throws Exception {
        COffsets.assertSame(HEADER, Format.ALL, folder);
    }

    @Test
    void numbersAreThoseOfFormatH() throws Exception {
        assertEquals("""
                THAW_PAGE_SIZE %d
                THAW_META_MAGIC %d
                THAW_PAGES_MAGIC %d
                THAW_FORMAT_VERSION %d
                THAW_ID_BYTES %d
                THAW_NONE %d
                THAW_MAX_SOURCES %d
                IMAGE_DELTA %d
                IMAGE_LAZY_OFF %d
                IMAGE_PREFETCH_OFF %d
                SECTION_COUNT %d
                REGION_MEMFD + 1 %d
                DESCRIPTOR_COUNT %d""".formatted(Format.PAGE_BYTES, Format.META_MAGIC, Format.PAGES_MAGIC,
                Format.VERSION, Format.ID_BYTES, Format.NONE, Format.MAX_SOURCES, Format.FLAG_DELTA,
                Format.FLAG_LAZY_OFF, Format.FLAG_PREFETCH_OFF, Format.Section.values().length,
                Region.Kind.values().length, Descriptor.Kind.values().length),
                COffsets.values(HEADER, List.of("THAW_PAGE_SIZE", "THAW_META_MAGIC", "THAW_PAGES_MAGIC",
                        "THAW_FORMAT_VERSION", "THAW_ID_BYTES", "THAW_NONE", "THAW_MAX_SOURCES", "IMAGE_DELTA",
                        "IMAGE_LAZY_OFF", "IMAGE_PREFETCH_OFF", "SECTION_COUNT", "REGION_MEMFD + 1",
                        "DESCRIPTOR_COUNT"), folder));
    }

    @Test
    void sectionsStandInTheOrderOfFormatH() throws Exception {
        List<String> names = Arrays.stream(Format.Section.values()).map(section -> "SECTION_" + section).toList();
        String[] lines = COffsets.values(HEADER, names, folder).split("\n");
        for (int i = 0; i < lines.length; i++) {
            assertEquals(names.get(i) + " " + i, lines[i]);
        }
    }
}
