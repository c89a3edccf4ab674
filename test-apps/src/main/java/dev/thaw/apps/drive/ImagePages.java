// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.drive;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Which pages of private memory the image of a full snapshot has, and what a restored process has made of them. They are
 * numbered in the order of their addresses.
 */
public final class ImagePages {
    /** {@code first}: number of its first page. */
    public record Extent(long start, int pages, long pageInFile, int first) {}

    /** Of a process: pages that it has, and those of them that are not write-protected by its userfaultfd. */
    public record InMemory(BitSet present, BitSet unprotected) {}

    public static final int PAGE_BYTES = 4096;

    /* docs/image-format.md */
    private static final int VERSION = 3;
    private static final int AT_VERSION = 8;
    private static final int AT_SECTIONS = 936;
    private static final int SPAN_BYTES = 16;
    private static final int SOURCES = 0;
    private static final int REGIONS = 1;
    private static final int EXTENTS = 2;
    private static final int REGION_BYTES = 56;
    private static final int REGION_AT_KIND = 16;
    private static final int REGION_AT_FLAGS = 24;
    private static final int REGION_AT_EXTENTS = 40;
    private static final int KIND_PRIVATE_FILE = 1;
    private static final int FLAG_LIBTHAW = 1 << 6;
    private static final int EXTENT_BYTES = 32;

    /* Documentation/admin-guide/mm/pagemap.rst */
    private static final long PRESENT_OR_SWAPPED = 3L << 62;
    private static final long UFFD_WP = 1L << 57;

    private final List<Extent> extents = new ArrayList<>();
    private int pages;

    /** {@code libthaw.so}, which is never tracked, is left out. */
    public static ImagePages read(Path metaFile) {
        ByteBuffer meta;
        try {
            meta = ByteBuffer.wrap(Files.readAllBytes(metaFile)).order(ByteOrder.LITTLE_ENDIAN);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (meta.getInt(AT_VERSION) != VERSION || count(meta, SOURCES) != 1) {
            throw new IllegalStateException(metaFile + " is of another version, or not of a full snapshot");
        }
        ImagePages image = new ImagePages();
        for (int i = 0; i < count(meta, REGIONS); i++) {
            int region = offset(meta, REGIONS) + i * REGION_BYTES;
            if (meta.getInt(region + REGION_AT_KIND) <= KIND_PRIVATE_FILE
                    && (meta.getInt(region + REGION_AT_FLAGS) & FLAG_LIBTHAW) == 0) {
                image.addExtents(meta, (int) meta.getLong(region + REGION_AT_EXTENTS),
                        (int) meta.getLong(region + REGION_AT_EXTENTS + Long.BYTES));
            }
        }
        return image;
    }

    private static int offset(ByteBuffer meta, int section) {
        return (int) meta.getLong(AT_SECTIONS + section * SPAN_BYTES);
    }

    private static int count(ByteBuffer meta, int section) {
        return (int) meta.getLong(AT_SECTIONS + section * SPAN_BYTES + Long.BYTES);
    }

    private void addExtents(ByteBuffer meta, int from, int count) {
        for (int i = from; i < from + count; i++) {
            int at = offset(meta, EXTENTS) + i * EXTENT_BYTES;
            extents.add(new Extent(meta.getLong(at), meta.getInt(at + 8), meta.getLong(at + 16), pages));
            pages += extents.getLast().pages();
        }
    }

    public List<Extent> extents() {
        return extents;
    }

    public int pages() {
        return pages;
    }

    /** What /proc/PID/pagemap says at this moment. */
    public InMemory of(long pid) {
        InMemory memory = new InMemory(new BitSet(pages), new BitSet(pages));
        try (FileChannel pagemap = FileChannel.open(Path.of("/proc/" + pid + "/pagemap"))) {
            for (Extent extent : extents) {
                ByteBuffer entries = ByteBuffer.allocate(extent.pages() * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
                readAll(pagemap, entries, extent.start() / PAGE_BYTES * Long.BYTES);
                for (int i = 0; i < extent.pages(); i++) {
                    long entry = entries.getLong(i * Long.BYTES);
                    boolean present = (entry & PRESENT_OR_SWAPPED) != 0;
                    memory.present.set(extent.first() + i, present);
                    memory.unprotected.set(extent.first() + i, present && (entry & UFFD_WP) == 0);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return memory;
    }

    /** Pages among these whose bytes, in the process, are not those of the image. */
    public BitSet differing(long pid, BitSet among, Path pagesFile) {
        BitSet differing = new BitSet(pages);
        try (FileChannel memory = FileChannel.open(Path.of("/proc/" + pid + "/mem"));
                FileChannel file = FileChannel.open(pagesFile)) {
            for (Extent extent : extents) {
                for (int i = among.nextSetBit(extent.first()); i >= 0 && i < extent.first() + extent.pages();
                        i = among.nextSetBit(i + 1)) {
                    ByteBuffer now = ByteBuffer.allocate(PAGE_BYTES);
                    ByteBuffer stored = ByteBuffer.allocate(PAGE_BYTES);
                    readAll(memory, now, extent.start() + (long) (i - extent.first()) * PAGE_BYTES);
                    readAll(file, stored, (extent.pageInFile() + i - extent.first()) * PAGE_BYTES);
                    differing.set(i, !now.equals(stored));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return differing;
    }

    private static void readAll(FileChannel file, ByteBuffer buffer, long position) throws IOException {
        while (buffer.hasRemaining()) {
            if (file.read(buffer, position + buffer.position()) < 0) {
                throw new IOException("nothing at " + position + " of " + file);
            }
        }
        buffer.flip();
    }
}
