// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core.image;

import dev.thaw.core.CStruct;
import dev.thaw.core.image.Format.Section;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import java.util.zip.CRC32C;

/** Writes small valid snapshots: one region of anonymous memory, one thread, one descriptor. */
final class SnapshotWriter {
    static final long ADDRESS = 0x7f0000000000L;

    private final int number;
    private final byte[] id;
    private final byte[][] pages;
    private final Map<Section, byte[]> sections = new EnumMap<>(Section.class);
    private final Map<Section, Integer> counts = new EnumMap<>(Section.class);
    private SnapshotWriter parent;
    private int parentPages;

    /** A full one with so many pages, whose contents depend on the number. */
    SnapshotWriter(int number, int ownPages) {
        this.number = number;
        Random random = new Random(number);
        id = new byte[Format.ID_BYTES];
        random.nextBytes(id);
        pages = new byte[ownPages][Format.PAGE_BYTES];
        for (byte[] page : pages) {
            random.nextBytes(page);
        }
    }

    /** Makes it a delta that takes this many of the parent's own pages. */
    SnapshotWriter deltaOf(SnapshotWriter theParent, int pagesOfIt) {
        parent = theParent;
        parentPages = pagesOfIt;
        return this;
    }

    /** Writes DIR/NNNN. */
    Path write(Path directory) throws IOException {
        Path folder = Files.createDirectory(directory.resolve("%04d".formatted(number)));
        Files.write(folder.resolve("pages"), pagesFile());
        Files.write(folder.resolve("meta"), metaFile());
        return folder;
    }

    byte[] pagesFile() {
        ByteBuffer file = ByteBuffer.allocate((pages.length + 1) * Format.PAGE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        CStruct.View header = Format.PAGES_HEADER.at(file, 0);
        header.putLong("magic", Format.PAGES_MAGIC).putInt("version", Format.VERSION).putBytes("id", id)
                .putLong("pages", pages.length);
        header.putInt("crc", crc(Arrays.copyOf(file.array(), Format.PAGES_HEADER.size())));
        file.position(Format.PAGE_BYTES);
        for (byte[] page : pages) {
            file.put(page);
        }
        return file.array();
    }

    byte[] metaFile() {
        fillSections();
        ByteBuffer file = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
        CStruct.View header = Format.HEADER.at(file, 0);
        int end = Format.HEADER.size();
        for (Section section : Section.values()) {
            byte[] content = sections.get(section);
            header.getStruct("sections", Format.SPAN, section.ordinal()).putLong("offset", end)
                    .putLong("count", counts.get(section));
            file.put(end, content);
            end = (end + content.length + 7) / 8 * 8;
        }
        fillHeader(header, end);
        byte[] bytes = Arrays.copyOf(file.array(), end);
        seal(bytes);
        return bytes;
    }

    /** Makes the checksum right again. */
    static void seal(byte[] meta) {
        CStruct.View header = Format.HEADER.at(ByteBuffer.wrap(meta), 0);
        header.putInt("meta_crc", 0);
        header.putInt("meta_crc", crc(meta));
    }

    private void fillHeader(CStruct.View header, int bytes) {
        header.putLong("magic", Format.META_MAGIC).putInt("version", Format.VERSION)
                .putInt("header_bytes", Format.HEADER.size()).putLong("meta_bytes", bytes).putBytes("id", id)
                .putInt("flags", parent == null ? 0 : Format.FLAG_DELTA)
                .putInt("parent_number", parent == null ? 0 : parent.number)
                .putInt("depth", parent == null ? 0 : 1)
                .putLong("pages_bytes", (pages.length + 1) * Format.PAGE_BYTES).putLong("own_pages", pages.length)
                .putLong("realtime_ns", 1_700_000_000_123_456_789L).putInt("pid", 4711).putInt("uid", 1000)
                .putInt("java_home", 1).putInt("vm_version", 6).putInt("page_crc_kind", 1);
        if (parent != null) {
            header.putBytes("parent_id", parent.id);
        }
    }

    private void fillSections() {
        for (Section section : Section.values()) {
            put(section, 0, new byte[0]);
        }
        int all = pages.length + parentPages;
        sources();
        ByteBuffer region = entry(Format.REGION);
        Format.REGION.at(region, 0).putLong("start", ADDRESS).putLong("end", ADDRESS + (all + 1L) * Format.PAGE_BYTES)
                .putInt("prot", 3).putInt("file", -1).putLong("extents", parent == null ? 1 : 2);
        put(Section.REGIONS, 1, region.array());
        extents();
        ByteBuffer crcs = ByteBuffer.allocate(all * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (byte[] page : pages) {
            crcs.putInt(crc(page));
        }
        for (int i = 0; i < parentPages; i++) {
            crcs.putInt(crc(parent.pages[i]));
        }
        put(Section.CRCS, all, crcs.array());
        ByteBuffer thread = entry(Format.THREAD);
        Format.THREAD.at(thread, 0).putInt("tid", 4711).putString("name", ascii("main"));
        put(Section.THREADS, 1, thread.array());
        ByteBuffer descriptor = entry(Format.DESCRIPTOR);
        Format.DESCRIPTOR.at(descriptor, 0).putInt("fd", 1).putInt("same_as", 1).putInt("peer", -1).putInt("file", -1);
        put(Section.DESCRIPTORS, 1, descriptor.array());
        put(Section.SIGNALS, Format.SIGNALS, new byte[Format.SIGNALS * Format.SIGACTION.size()]);
        byte[] strings = ascii("\0/jdk\0A VM 25\0");
        put(Section.STRINGS, strings.length, strings);
    }

    private void sources() {
        int count = parent == null ? 1 : 2;
        ByteBuffer table = ByteBuffer.allocate(count * Format.SOURCE.size()).order(ByteOrder.LITTLE_ENDIAN);
        Format.SOURCE.at(table, 0).putBytes("id", id).putLong("pages", pages.length);
        if (parent != null) {
            Format.SOURCE.at(table, Format.SOURCE.size()).putBytes("id", parent.id).putInt("number", parent.number)
                    .putLong("pages", parent.pages.length);
        }
        put(Section.SOURCES, count, table.array());
    }

    private void extents() {
        int count = parent == null ? 1 : 2;
        ByteBuffer table = ByteBuffer.allocate(count * Format.EXTENT.size()).order(ByteOrder.LITTLE_ENDIAN);
        Format.EXTENT.at(table, 0).putLong("start", ADDRESS).putInt("pages", pages.length).putLong("source_page", 1);
        if (parent != null) {
            Format.EXTENT.at(table, Format.EXTENT.size())
                    .putLong("start", ADDRESS + (long) pages.length * Format.PAGE_BYTES).putInt("pages", parentPages)
                    .putInt("source", 1).putLong("source_page", 1).putLong("first_crc", pages.length);
        }
        put(Section.EXTENTS, count, table.array());
    }

    private void put(Section section, int count, byte[] content) {
        sections.put(section, content);
        counts.put(section, count);
    }

    private static ByteBuffer entry(CStruct type) {
        return ByteBuffer.allocate(type.size()).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    static int crc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }
}
