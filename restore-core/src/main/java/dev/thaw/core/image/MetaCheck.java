// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core.image;

import dev.thaw.core.CStruct;
import dev.thaw.core.image.Format.Section;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32C;

/** The checks that the restore makes too (image/view.c), in its order: nothing is used before it is checked. */
final class MetaCheck {
    private static final int MIN_BYTES = 16;
    private static final int CRC32C_KIND = 1;
    private static final List<String> HEADER_STRINGS =
            List.of("boot_id", "cwd", "java_home", "agent_jar", "vm_version", "thaw_version");

    private final Path file;
    private final ByteBuffer bytes;

    MetaCheck(Path file, ByteBuffer bytes) {
        this.file = file;
        this.bytes = bytes;
    }

    void run() throws SnapshotException {
        if (bytes.limit() < MIN_BYTES) {
            throw refuse("is truncated: it has only %d bytes", bytes.limit());
        }
        if (bytes.getLong(0) != Format.META_MAGIC) {
            throw refuse("is not the metadata of a snapshot");
        }
        int version = bytes.getInt(Format.HEADER.offset("version"));
        if (version != Format.VERSION) {
            throw refuse("has format version %d, but this Thaw reads version %d: use the Thaw that wrote it",
                    Integer.toUnsignedLong(version), Format.VERSION);
        }
        if (bytes.limit() < Format.HEADER.size()) {
            throw refuse("is truncated: it has only %d bytes", bytes.limit());
        }
        CStruct.View header = Format.HEADER.at(bytes, 0);
        if (header.getLong("meta_bytes") != bytes.limit()) {
            throw refuse("has %d bytes, but was written with %d: it is truncated or something was appended",
                    bytes.limit(), header.getLong("meta_bytes"));
        }
        checkCrc(header);
        require(header.getInt("header_bytes") == Format.HEADER.size(), "the size of its header");
        require(header.getInt("page_crc_kind") == CRC32C_KIND, "the kind of page checksums");
        for (Section section : Section.values()) {
            checkSpan(header.getStruct("sections", Format.SPAN, section.ordinal()), section);
        }
        checkContents(new Meta(bytes), header);
    }

    private void checkCrc(CStruct.View header) throws SnapshotException {
        int stored = header.getInt("meta_crc");
        header.putInt("meta_crc", 0);
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate().position(0));
        header.putInt("meta_crc", stored);
        if ((int) crc.getValue() != stored) {
            throw refuse("is damaged: its checksum is wrong");
        }
    }

    private void checkSpan(CStruct.View span, Section section) throws SnapshotException {
        long offset = span.getLong("offset");
        long count = span.getLong("count");
        require(offset % Long.BYTES == 0 && offset >= Format.HEADER.size() && offset <= bytes.limit() && count >= 0
                && count <= (bytes.limit() - offset) / section.entryBytes(), "the place of section " + section);
    }

    private void checkContents(Meta meta, CStruct.View header) throws SnapshotException {
        int strings = meta.count(Section.STRINGS);
        int sources = meta.count(Section.SOURCES);
        require(sources > 0 && sources <= Format.MAX_SOURCES, "the number of its sources");
        require(meta.count(Section.THREADS) > 0, "the number of its threads");
        require(meta.count(Section.SIGNALS) == Format.SIGNALS, "the number of its signals");
        require(strings > 0 && bytes.get(endOf(meta, Section.STRINGS) - 1) == 0, "the end of its strings");
        for (String field : HEADER_STRINGS) {
            require(header.getUnsigned(field) < strings, field);
        }
        checkSources(meta);
        checkRegions(meta);
        checkFilesAndDescriptors(meta, strings);
    }

    private static int endOf(Meta meta, Section section) {
        return Math.toIntExact(meta.span(section).getLong("offset") + meta.span(section).getLong("count"));
    }

    private void checkSources(Meta meta) throws SnapshotException {
        Source own = meta.source(0);
        require(own.number() == 0 && own.id().equals(meta.id()) && own.pages() == meta.ownPages(), "its own source");
        boolean flagged = (meta.flags() & Format.FLAG_DELTA) != 0;
        require(meta.isDelta() != meta.parentId().isNone() && (meta.isDelta() || !flagged), "its parent");
        for (Source source : meta.sources()) {
            boolean isParent = meta.isDelta() && source.number() == meta.parentNumber();
            require(!isParent || source.id().equals(meta.parentId()), "the id of its parent");
            require(source.pages() >= 0, "the pages of source " + source.number());
        }
    }

    private void checkRegions(Meta meta) throws SnapshotException {
        long at = 0;
        for (int i = 0; i < meta.count(Section.REGIONS); i++) {
            CStruct.View entry = meta.entry(Section.REGIONS, Format.REGION, i);
            int kind = entry.getInt("kind");
            require(kind >= 0 && kind < Region.Kind.values().length, "the kind of region " + i);
            Region region = meta.region(i);
            require(region.start() >= at && region.end() > region.start()
                    && (region.start() | region.end()) % Format.PAGE_BYTES == 0, "the place of region " + i);
            require(region.kind() != Region.Kind.FILE || isIndex(region.file(), meta.count(Section.FILES)),
                    "the file of region " + i);
            checkExtents(meta, region);
            at = region.end();
        }
    }

    private void checkExtents(Meta meta, Region region) throws SnapshotException {
        int count = meta.extentCount();
        require(region.firstExtent() >= 0 && region.firstExtent() <= count && region.extents() >= 0
                && region.extents() <= count - region.firstExtent(), "the extents of a region");
        long at = region.start();
        for (long i = region.firstExtent(); i < region.firstExtent() + region.extents(); i++) {
            Extent extent = meta.extent((int) i);
            long bytes = Integer.toUnsignedLong(extent.pages()) * Format.PAGE_BYTES;
            require(extent.start() % Format.PAGE_BYTES == 0 && extent.start() >= at && extent.pages() > 0
                    && extent.start() <= region.end() && bytes <= region.end() - extent.start(),
                    "the place of extent " + i);
            require(isIndex(extent.source(), meta.count(Section.SOURCES)), "the source of extent " + i);
            long pages = meta.source(extent.source()).pages();
            require(extent.sourcePage() > 0 && extent.sourcePage() <= pages
                    && extent.pages() - 1 <= pages - extent.sourcePage(), "the pages of extent " + i);
            long crcs = meta.count(Section.CRCS);
            require(extent.firstCrc() >= 0 && extent.firstCrc() <= crcs && extent.pages() <= crcs - extent.firstCrc(),
                    "the checksums of extent " + i);
            at = extent.start() + bytes;
        }
    }

    private void checkFilesAndDescriptors(Meta meta, int strings) throws SnapshotException {
        for (int i = 0; i < meta.count(Section.FILES); i++) {
            require(meta.entry(Section.FILES, Format.FILE, i).getUnsigned("path") < strings, "the path of file " + i);
        }
        for (int i = 0; i < meta.count(Section.DESCRIPTORS); i++) {
            CStruct.View entry = meta.entry(Section.DESCRIPTORS, Format.DESCRIPTOR, i);
            require(entry.getUnsigned("path") < strings
                    && isIndex(entry.getInt("kind"), Descriptor.Kind.values().length), "descriptor " + i);
        }
    }

    private static boolean isIndex(int value, int count) {
        return value >= 0 && value < count;
    }

    private void require(boolean holds, String what) throws SnapshotException {
        if (!holds) {
            throw refuse("is inconsistent: %s cannot be right", what);
        }
    }

    private SnapshotException refuse(String format, Object... operands) {
        return new SnapshotException(file + " " + format.formatted(operands));
    }
}
