// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core.image;

import dev.thaw.core.CStruct;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/** DIR/NNNN/pages: a header page, then the data pages. */
final class PagesFile implements Closeable {
    private static final int RUN_PAGES = 256;

    private final Path path;
    private final FileChannel channel;
    private final ByteBuffer run;

    private PagesFile(Path path, FileChannel channel) throws IOException {
        this.path = path;
        this.channel = channel;
        long pages = Math.min(RUN_PAGES, channel.size() / Format.PAGE_BYTES);
        run = ByteBuffer.allocateDirect((int) pages * Format.PAGE_BYTES);
    }

    static PagesFile open(Path path) throws IOException {
        try {
            return new PagesFile(path, FileChannel.open(path));
        } catch (NoSuchFileException e) {
            throw new SnapshotException(path + " is missing: the snapshot needs its pages", e);
        }
    }

    /** Length, header and padding; the data pages are checked by their own checksums. */
    void verifyHeader(Source source) throws IOException {
        long expected = (source.pages() + 1) * Format.PAGE_BYTES;
        if (channel.size() != expected) {
            throw refuse("has %d bytes, but was written with %d: it is truncated or something was appended",
                    channel.size(), expected);
        }
        ByteBuffer page = ByteBuffer.allocate(Format.PAGE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        read(page, 0);
        CStruct.View header = Format.PAGES_HEADER.at(page, 0);
        if (header.getLong("magic") != Format.PAGES_MAGIC) {
            throw refuse("is not the pages file of a snapshot");
        }
        if (header.getInt("version") != Format.VERSION) {
            throw refuse("has format version %d, but this Thaw reads version %d: use the Thaw that wrote it",
                    header.getUnsigned("version"), Format.VERSION);
        }
        if (!isHeaderIntact(page, header)) {
            throw refuse("is damaged: its header has changed");
        }
        SnapshotId id = SnapshotId.of(header.getBytes("id"));
        if (!id.equals(source.id())) {
            throw refuse("belongs to another snapshot, %s instead of %s", id, source.id());
        }
        if (header.getLong("pages") != source.pages()) {
            throw refuse("has %d pages, but %d are needed", header.getLong("pages"), source.pages());
        }
    }

    private static boolean isHeaderIntact(ByteBuffer page, CStruct.View header) {
        for (int i = Format.PAGES_HEADER.size(); i < page.limit(); i++) {
            if (page.get(i) != 0) {
                return false;
            }
        }
        int stored = header.getInt("crc");
        header.putInt("crc", 0);
        boolean intact = crc(page, 0, Format.PAGES_HEADER.size()) == stored;
        header.putInt("crc", stored);
        return intact;
    }

    /** Every page of an extent, by the checksums in the metadata. */
    void verify(Extent extent, Meta meta) throws IOException {
        for (int done = 0; done < extent.pages(); done += RUN_PAGES) {
            int pages = Math.min(RUN_PAGES, extent.pages() - done);
            read(run.clear().limit(pages * Format.PAGE_BYTES), extent.sourcePage() + done);
            for (int i = 0; i < pages; i++) {
                int crc = crc(run, i * Format.PAGE_BYTES, Format.PAGE_BYTES);
                if (crc != meta.pageCrc(extent.firstCrc() + done + i)) {
                    throw refuse("is damaged: page %d, of address 0x%x, has changed",
                            extent.sourcePage() + done + i,
                            extent.start() + (long) (done + i) * Format.PAGE_BYTES);
                }
            }
        }
    }

    private static int crc(ByteBuffer buffer, int start, int bytes) {
        CRC32C crc = new CRC32C();
        crc.update(buffer.slice(start, bytes));
        return (int) crc.getValue();
    }

    /** Fills the buffer from its start and leaves its position there. */
    private void read(ByteBuffer buffer, long page) throws IOException {
        buffer.position(0);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, page * Format.PAGE_BYTES + buffer.position()) < 0) {
                throw refuse("ends at page %d", page);
            }
        }
        buffer.position(0);
    }

    private SnapshotException refuse(String format, Object... operands) {
        return new SnapshotException(path + " " + format.formatted(operands));
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
