// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.zip.CRC32C;

/** Reads everything a restore of a snapshot would need, and compares it with its checksums. */
public final class Verifier {
    private static final List<String> TEXTS = List.of("tags", "score");

    /**
     * What was found intact.
     *
     * @param ownPages      pages of its own pages file
     * @param otherPages    pages of its ancestors' that it refers to
     * @param otherFiles    its ancestors' pages files
     */
    public record Verified(long ownPages, long otherPages, int otherFiles) {}

    private Verifier() {}

    /**
     * Verifies pages and texts; the metadata was verified when the snapshot was read.
     *
     * @throws SnapshotException naming the first thing that is not as it was written
     */
    public static Verified verify(Snapshot snapshot) throws IOException {
        Meta meta = snapshot.meta();
        List<Source> sources = meta.sources();
        if (meta.pagesBytes() != (meta.ownPages() + 1) * Format.PAGE_BYTES) {
            throw new SnapshotException(snapshot.folder()
                    + " is inconsistent: the size of its pages file cannot be right");
        }
        for (String text : TEXTS) {
            verifyText(snapshot.folder().resolve(text), meta.textCrc(text));
        }
        List<PagesFile> files = new ArrayList<>();
        try {
            for (Source source : sources) {
                PagesFile file = PagesFile.open(snapshot.pagesFile(source));
                files.add(file);
                file.verifyHeader(source);
            }
            return verifyPages(snapshot, files);
        } finally {
            for (PagesFile file : files) {
                file.close();
            }
        }
    }

    /** One that is not there counts as empty, whose checksum is 0. */
    private static void verifyText(Path file, int expected) throws IOException {
        CRC32C crc = new CRC32C();
        if (Files.exists(file)) {
            crc.update(Files.readAllBytes(file));
        }
        if ((int) crc.getValue() != expected) {
            throw new SnapshotException(file + (Files.exists(file) ? " is damaged: its checksum is wrong"
                    : " is missing: the snapshot was written with it"));
        }
    }

    private static Verified verifyPages(Snapshot snapshot, List<PagesFile> files) throws IOException {
        Meta meta = snapshot.meta();
        BitSet own = new BitSet();
        long otherPages = 0;
        for (int i = 0; i < meta.extentCount(); i++) {
            Extent extent = meta.extent(i);
            files.get(extent.source()).verify(extent, meta);
            if (extent.source() == 0) {
                own.set(Math.toIntExact(extent.sourcePage()), Math.toIntExact(extent.sourcePage() + extent.pages()));
            } else {
                otherPages += extent.pages();
            }
        }
        int unknown = own.nextClearBit(1);
        if (unknown <= meta.ownPages()) {
            throw new SnapshotException("%s is inconsistent: no region has page %d of its pages file"
                    .formatted(snapshot.folder(), unknown));
        }
        return new Verified(meta.ownPages(), otherPages, files.size() - 1);
    }
}
