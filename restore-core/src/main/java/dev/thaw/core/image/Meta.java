// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core.image;

import dev.thaw.core.CStruct;
import dev.thaw.core.SocketAddressText;
import dev.thaw.core.image.Format.Section;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** A snapshot's metadata in memory, verified as far as it can be without the page data. */
public final class Meta {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final ByteBuffer bytes;
    private final CStruct.View header;

    Meta(ByteBuffer bytes) {
        this.bytes = bytes;
        header = Format.HEADER.at(bytes, 0);
    }

    /**
     * Reads and verifies {@code meta} of a snapshot.
     *
     * @throws SnapshotException if it is damaged, of another version, or missing
     */
    public static Meta read(Path file) throws IOException {
        byte[] content;
        try {
            content = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new SnapshotException(file + " is missing: there is no snapshot, or it is incomplete", e);
        }
        ByteBuffer bytes = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
        new MetaCheck(file, bytes).run();
        return new Meta(bytes);
    }

    public SnapshotId id() {
        return SnapshotId.of(header.getBytes("id"));
    }

    int flags() {
        return header.getInt("flags");
    }

    public boolean isDelta() {
        return parentNumber() != 0;
    }

    public boolean isLazy() {
        return (flags() & Format.FLAG_LAZY_OFF) == 0;
    }

    public boolean isPrefetched() {
        return (flags() & Format.FLAG_PREFETCH_OFF) == 0;
    }

    /** 0 for a full snapshot. */
    public int parentNumber() {
        return header.getInt("parent_number");
    }

    public SnapshotId parentId() {
        return SnapshotId.of(header.getBytes("parent_id"));
    }

    /** Deltas up to the full snapshot. */
    public int depth() {
        return header.getInt("depth");
    }

    public long metaBytes() {
        return header.getLong("meta_bytes");
    }

    /** What its own pages file must have. */
    public long pagesBytes() {
        return header.getLong("pages_bytes");
    }

    public long ownPages() {
        return header.getLong("own_pages");
    }

    int textCrc(String file) {
        return header.getInt(file.concat("_crc"));
    }

    public Instant created() {
        long nanos = header.getLong("realtime_ns");
        return Instant.ofEpochSecond(nanos / NANOS_PER_SECOND, nanos % NANOS_PER_SECOND);
    }

    public long pid() {
        return header.getUnsigned("pid");
    }

    public long uid() {
        return header.getUnsigned("uid");
    }

    public long heapStart() {
        return header.getLong("heap_start");
    }

    public long heapEnd() {
        return header.getLong("heap_end");
    }

    public String bootId() {
        return string(header.getUnsigned("boot_id"));
    }

    public String workingDirectory() {
        return string(header.getUnsigned("cwd"));
    }

    public String javaHome() {
        return string(header.getUnsigned("java_home"));
    }

    public String agentJar() {
        return string(header.getUnsigned("agent_jar"));
    }

    public String vmVersion() {
        return string(header.getUnsigned("vm_version"));
    }

    public String thawVersion() {
        return string(header.getUnsigned("thaw_version"));
    }

    /** Its own pages file first. */
    public List<Source> sources() {
        return list(Section.SOURCES, this::source);
    }

    public List<Region> regions() {
        return list(Section.REGIONS, this::region);
    }

    public List<StoredThread> threads() {
        return list(Section.THREADS, this::thread);
    }

    public List<StoredFile> files() {
        return list(Section.FILES, this::file);
    }

    public List<Descriptor> descriptors() {
        return list(Section.DESCRIPTORS, this::descriptor);
    }

    public int extentCount() {
        return count(Section.EXTENTS);
    }

    public Extent extent(int index) {
        CStruct.View extent = entry(Section.EXTENTS, Format.EXTENT, index);
        return new Extent(extent.getLong("start"), extent.getInt("pages"), extent.getInt("source"),
                extent.getLong("source_page"), extent.getLong("first_crc"));
    }

    /** CRC32C of a stored page. */
    public int pageCrc(long index) {
        return bytes.getInt(start(Section.CRCS) + Math.toIntExact(index) * Integer.BYTES);
    }

    /** Pages that all extents together refer to. */
    public long storedPages() {
        return IntStream.range(0, extentCount()).mapToLong(i -> extent(i).pages()).sum();
    }

    Source source(int index) {
        CStruct.View source = entry(Section.SOURCES, Format.SOURCE, index);
        return new Source(SnapshotId.of(source.getBytes("id")), source.getInt("number"), source.getLong("pages"));
    }

    Region region(int index) {
        CStruct.View region = entry(Section.REGIONS, Format.REGION, index);
        return new Region(region.getLong("start"), region.getLong("end"),
                Region.Kind.values()[region.getInt("kind")], region.getInt("prot"), region.getInt("flags"),
                region.getInt("file"), region.getLong("offset"), region.getLong("first_extent"),
                region.getLong("extents"));
    }

    private StoredThread thread(int index) {
        CStruct.View thread = entry(Section.THREADS, Format.THREAD, index);
        return new StoredThread(thread.getInt("tid"), thread.getString("name", StandardCharsets.UTF_8));
    }

    private StoredFile file(int index) {
        CStruct.View file = entry(Section.FILES, Format.FILE, index);
        return new StoredFile(string(file.getUnsigned("path")), file.getLong("size"),
                Instant.ofEpochSecond(file.getLong("mtime_s"), file.getInt("mtime_ns")));
    }

    private Descriptor descriptor(int index) {
        CStruct.View descriptor = entry(Section.DESCRIPTORS, Format.DESCRIPTOR, index);
        ByteBuffer address = ByteBuffer.wrap(descriptor.getBytes("address")).order(ByteOrder.LITTLE_ENDIAN);
        Descriptor.Kind kind = Descriptor.Kind.values()[descriptor.getInt("kind")];
        String addressText = kind == Descriptor.Kind.TIMERFD || kind == Descriptor.Kind.MEMFD ? ""
                : SocketAddressText.of(address, descriptor.getInt("address_bytes"));
        return new Descriptor(descriptor.getInt("fd"), kind,
                descriptor.getInt("same_as"), descriptor.getInt("peer"), string(descriptor.getUnsigned("path")),
                descriptor.getLong("position"), addressText);
    }

    private <T> List<T> list(Section section, IntFunction<T> entry) {
        return IntStream.range(0, count(section)).mapToObj(entry).toList();
    }

    int count(Section section) {
        return Math.toIntExact(span(section).getLong("count"));
    }

    private int start(Section section) {
        return Math.toIntExact(span(section).getLong("offset"));
    }

    CStruct.View span(Section section) {
        return header.getStruct("sections", Format.SPAN, section.ordinal());
    }

    CStruct.View entry(Section section, CStruct type, int index) {
        return type.at(bytes, start(section) + index * type.size());
    }

    private String string(long offset) {
        int start = start(Section.STRINGS) + Math.toIntExact(offset);
        int end = start;
        while (bytes.get(end) != 0) {
            end++;
        }
        byte[] text = new byte[end - start];
        bytes.get(start, text);
        return new String(text, StandardCharsets.UTF_8);
    }
}
