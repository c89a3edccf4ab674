// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.core.CStruct;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotTest {
    private final SnapshotWriter full = new SnapshotWriter(1, 3);
    private final SnapshotWriter delta = new SnapshotWriter(2, 1).deltaOf(full, 2);

    @TempDir
    private Path directory;
    private Path first;
    private Path second;

    @BeforeEach
    void write() throws IOException {
        first = full.write(directory);
        second = delta.write(directory);
    }

    @Test
    void readsWhatWasWritten() throws IOException {
        Meta meta = Snapshot.read(second).meta();
        assertTrue(meta.isDelta());
        assertEquals(1, meta.parentNumber());
        assertEquals(Snapshot.read(first).meta().id(), meta.parentId());
        assertEquals(4711, meta.pid());
        assertEquals("/jdk", meta.javaHome());
        assertEquals("A VM 25", meta.vmVersion());
        assertEquals("", meta.bootId());
        assertEquals(Instant.parse("2023-11-14T22:13:20.123456789Z"), meta.created());
        assertEquals(List.of(new StoredThread(4711, "main")), meta.threads());
        assertEquals(Descriptor.Kind.STDIO, meta.descriptors().get(0).kind());
        assertEquals(3, meta.storedPages());
        assertFalse(Snapshot.read(first).meta().isDelta());
    }

    @Test
    void verifiesOwnPagesAndThoseOfTheParent() throws IOException {
        assertEquals(new Verifier.Verified(3, 0, 0), Verifier.verify(Snapshot.read(first)));
        assertEquals(new Verifier.Verified(1, 2, 1), Verifier.verify(Snapshot.read(second)));
    }

    @Test
    void canBeMovedAsAWhole() throws IOException {
        Path moved = Files.move(directory, directory.resolveSibling(directory.getFileName() + "-moved"));
        try {
            Verifier.verify(Snapshot.read(moved.resolve("0002")));
        } finally {
            Files.move(moved, directory);
        }
    }

    @Test
    void refusesEveryChangedByteOfMeta() throws IOException {
        Path file = second.resolve("meta");
        byte[] meta = Files.readAllBytes(file);
        new MetaCheck(file, order(meta)).run();
        for (int i = 0; i < meta.length; i++) {
            ByteBuffer changed = order(flipped(meta, i));
            assertThrows(SnapshotException.class, () -> new MetaCheck(file, changed).run(), "byte " + i);
        }
        refuseMeta(flipped(meta, meta.length / 2), "meta is damaged");
    }

    @Test
    void refusesEveryChangedByteOfPages() throws IOException {
        Path small = new SnapshotWriter(3, 1).write(directory);
        byte[] pages = Files.readAllBytes(small.resolve("pages"));
        int step = 1; // of the header every byte, then fewer: each costs opening and reading the files
        for (int i = 0; i < pages.length; i += step) {
            Files.write(small.resolve("pages"), flipped(pages, i));
            assertRefused(small, "pages");
            step = i < Format.PAGES_HEADER.size() ? 1 : 17;
        }
        Files.write(small.resolve("pages"), flipped(pages, pages.length - 1));
        assertRefused(small, "page 1,");
    }

    @Test
    void refusesAChangedPageOfTheParentOnlyWhereItIsNeeded() throws IOException {
        byte[] pages = Files.readAllBytes(first.resolve("pages"));
        Files.write(first.resolve("pages"), flipped(pages, 2 * Format.PAGE_BYTES));
        assertRefused(second, "0001/pages", "page 2");
        Files.write(first.resolve("pages"), flipped(pages, 3 * Format.PAGE_BYTES));
        Verifier.verify(Snapshot.read(second));
    }

    @Test
    void refusesTruncatedFiles() throws IOException {
        byte[] meta = Files.readAllBytes(first.resolve("meta"));
        for (int length : new int[] {0, 1, 15, 16, 100, Format.HEADER.size(), meta.length - 1}) {
            refuseMeta(Arrays.copyOf(meta, length), "truncated");
        }
        byte[] pages = Files.readAllBytes(first.resolve("pages"));
        for (int length : new int[] {0, 1, Format.PAGE_BYTES, pages.length - 1}) {
            Files.write(first.resolve("pages"), Arrays.copyOf(pages, length));
            assertRefused(first, "truncated");
        }
    }

    @Test
    void refusesAppendedBytes() throws IOException {
        byte[] pages = Files.readAllBytes(first.resolve("pages"));
        Files.write(first.resolve("pages"), Arrays.copyOf(pages, pages.length + 1));
        assertRefused(first, "appended");
        byte[] meta = Files.readAllBytes(first.resolve("meta"));
        refuseMeta(Arrays.copyOf(meta, meta.length + 8), "appended");
    }

    @Test
    void refusesAnotherVersionAndAnotherFile() throws IOException {
        refuseMeta(edited(header -> header.putInt("version", 1)), "format version 1", "reads version 3");
        refuseMeta(edited(header -> header.putLong("magic", 42)), "not the metadata of a snapshot");
    }

    @Test
    void refusesAMissingParentAndAnotherOneInItsPlace() throws IOException {
        Files.move(first, directory.resolve("aside"));
        assertRefused(second, "0001/pages is missing");
        Path other = Files.createDirectory(directory.resolve("other"));
        Files.move(new SnapshotWriter(3, 3).write(other), first);
        assertRefused(second, "0001/pages belongs to another snapshot");
    }

    @Test
    void refusesInconsistentMetadataWithARightChecksum() throws IOException {
        refuseMeta(edited(header -> header.putLong("own_pages", 4)), "inconsistent", "its own source");
        refuseMeta(edited(header -> header.putInt("flags", Format.FLAG_DELTA)), "inconsistent", "its parent");
        refuseMeta(edited(header -> header.putInt("vm_version", 1000)), "inconsistent", "vm_version");
        refuseMeta(edited(header -> header.putInt("page_crc_kind", 2)), "inconsistent", "page checksums");
        for (Format.Section section : Format.Section.values()) {
            refuseMeta(edited(header -> span(header, section).putLong("offset", -8)), "inconsistent", section.name());
            refuseMeta(edited(header -> span(header, section).putLong("count", 1L << 60)), "inconsistent",
                    section.name());
        }
    }

    @Test
    void refusesEntriesThatPointNowhere() throws IOException {
        refuseEntry(Format.Section.EXTENTS, Format.EXTENT, entry -> entry.putInt("source", 1), "source of extent 0");
        refuseEntry(Format.Section.EXTENTS, Format.EXTENT, entry -> entry.putLong("source_page", 0), "pages of extent");
        refuseEntry(Format.Section.EXTENTS, Format.EXTENT, entry -> entry.putLong("source_page", 2), "pages of extent");
        refuseEntry(Format.Section.EXTENTS, Format.EXTENT, entry -> entry.putLong("first_crc", 1), "checksums");
        refuseEntry(Format.Section.EXTENTS, Format.EXTENT, entry -> entry.putLong("start", 4096), "place of extent");
        refuseEntry(Format.Section.REGIONS, Format.REGION, entry -> entry.putLong("extents", 2), "extents of a region");
        refuseEntry(Format.Section.REGIONS, Format.REGION, entry -> entry.putInt("kind", 99), "kind of region 0");
        refuseEntry(Format.Section.REGIONS, Format.REGION, entry -> entry.putInt("kind", 1), "file of region 0");
        refuseEntry(Format.Section.DESCRIPTORS, Format.DESCRIPTOR, entry -> entry.putInt("path", 99), "descriptor 0");
    }

    @Test
    void refusesPagesThatBelongToNoRegion() throws IOException {
        refuseEntry(Format.Section.EXTENTS, Format.EXTENT, entry -> entry.putInt("pages", 2), "no region has page 3");
    }

    @Test
    void listsSnapshotsByNumberAndIgnoresEverythingElse() throws IOException {
        new SnapshotWriter(10000, 1).write(directory);
        Files.createDirectory(directory.resolve(".0003.tmp"));
        Files.createDirectory(directory.resolve("12"));
        Files.writeString(directory.resolve("0005"), "a file");
        assertEquals(List.of(first, second, directory.resolve("10000")), new SnapshotDirectory(directory).snapshots());
        assertEquals(directory.resolve("10000"), SnapshotDirectory.resolve(directory));
        assertEquals(first, SnapshotDirectory.resolve(first));
    }

    @Test
    void saysThatThereIsNoSnapshot() throws IOException {
        Path empty = Files.createDirectory(directory.resolve("empty"));
        assertTrue(assertThrows(SnapshotException.class, () -> SnapshotDirectory.resolve(empty)).getMessage()
                .startsWith("no snapshot in "));
        assertTrue(assertThrows(SnapshotException.class, () -> SnapshotDirectory.resolve(empty.resolve("0001")))
                .getMessage().endsWith("is not a folder"));
    }

    private static ByteBuffer order(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static CStruct.View span(CStruct.View header, Format.Section section) {
        return header.getStruct("sections", Format.SPAN, section.ordinal());
    }

    @Test
    void refusesTextsThatAreNotAsTheyWereWritten() throws IOException {
        for (String text : new String[] {"tags", "score"}) {
            Files.writeString(first.resolve(text), "label:a=b\n");
            assertRefused(first, text + " is damaged");
            Files.delete(first.resolve(text));
        }
        Files.write(first.resolve("meta"), edited(header -> header.putInt("tags_crc", 42)));
        assertRefused(first, "tags is missing");
    }

    private static byte[] flipped(byte[] bytes, int index) {
        byte[] changed = bytes.clone();
        changed[index] ^= (byte) (1 << index % 8);
        return changed;
    }

    private byte[] edited(Consumer<CStruct.View> edit) {
        byte[] meta = full.metaFile();
        edit.accept(Format.HEADER.at(ByteBuffer.wrap(meta), 0));
        SnapshotWriter.seal(meta);
        return meta;
    }

    private void refuseEntry(Format.Section section, CStruct type, Consumer<CStruct.View> edit, String text)
            throws IOException {
        byte[] meta = full.metaFile();
        ByteBuffer buffer = ByteBuffer.wrap(meta);
        edit.accept(type.at(buffer, (int) span(Format.HEADER.at(buffer, 0), section).getLong("offset")));
        SnapshotWriter.seal(meta);
        refuseMeta(meta, "inconsistent", text);
    }

    private void refuseMeta(byte[] meta, String... texts) throws IOException {
        Files.write(first.resolve("meta"), meta);
        assertRefused(first, texts);
    }

    private static void assertRefused(Path snapshot, String... texts) {
        String message = assertThrows(SnapshotException.class, () -> Verifier.verify(Snapshot.read(snapshot)))
                .getMessage();
        for (String text : texts) {
            assertTrue(message.contains(text), message);
        }
        assertFalse(message.contains("\n") || message.contains("Exception"), message);
    }
}
