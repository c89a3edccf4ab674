// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.Completed;
import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.Damage;
import dev.thaw.apps.harness.JvmUnderTest;
import dev.thaw.apps.harness.MetaFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A restore that cannot be right ends with one sentence and a status, before anything has run. */
class RefusalTest {
    private static final int PAGE_BYTES = 4096;
    private static final int FLIP_EVERY = 500;
    private static SnapshotDirectory good;

    private final long seed = Long.getLong("thaw.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private SnapshotDirectory snapshots;

    @TempDir
    private Path files;

    /** 0001 full, 0002 a delta of it. */
    @BeforeAll
    static void checkpoint() {
        good = SnapshotDirectory.create();
        try (RunningProcess app = JvmUnderTest.withAgent(good.path()).options("-Xmx64m", "-XX:+UseSerialGC")
                .start("PidAndRandom")) {
            app.awaitLine("ready");
            Jcmd.ofThisJdk().checkpoint(app, "keep_running=true");
            Jcmd.ofThisJdk().checkpoint(app);
            app.mustExit(ThawCommand.CHECKPOINTED);
        }
        assertEquals(2, MetaFile.read(good.meta(2)).get("parent_number") + 1, "0002 is no delta of 0001");
    }

    @AfterAll
    static void deleteAll() {
        good.close();
    }

    @BeforeEach
    void copy() {
        snapshots = good.copy();
    }

    @AfterEach
    void delete() {
        snapshots.close();
    }

    @Test
    void theUndamagedCopyRestores() {
        for (int number = 1; number <= 2; number++) {
            assertRestores(number);
        }
    }

    @Test
    void aTruncatedMetaIsRefused() {
        long whole = Damage.size(snapshots.meta(2));
        for (long bytes : new long[] {0, 7, 100, 1000, whole / 2, whole - 1}) {
            try (SnapshotDirectory copy = good.copy()) {
                Damage.truncate(copy.meta(2), bytes);
                assertRefused(copy.snapshot(2), "meta");
            }
        }
    }

    @Test
    void anyFlippedBitInMetaIsRefused() {
        Path meta = snapshots.meta(2);
        for (int i = 0; i < 25; i++) {
            long offset = random.nextLong(i < 10 ? 1000 : Damage.size(meta));
            int bit = random.nextInt(8);
            Damage.flipBit(meta, offset, bit);
            assertRefused(snapshots.snapshot(2), "meta");
            Damage.flipBit(meta, offset, bit);
        }
        assertRestores(2);
    }

    @Test
    void aTruncatedOrLongerPagesFileIsRefused() {
        for (int number : new int[] {2, 1}) {
            long whole = Damage.size(good.pages(number));
            for (long bytes : new long[] {whole + PAGE_BYTES, whole - 1, whole / 2, PAGE_BYTES, 100, 0}) {
                Damage.truncate(snapshots.pages(number), bytes);
                assertRefused(snapshots.snapshot(2), "pages");
            }
        }
    }

    @Test
    void aBitFlippedInThePagesHeaderIsRefused() {
        for (int i = 0; i < 5; i++) {
            long offset = random.nextInt(40);
            Damage.flipBit(snapshots.pages(1), offset, 3);
            assertRefused(snapshots.snapshot(2), "pages");
            Damage.flipBit(snapshots.pages(1), offset, 3);
        }
    }

    /** In one page of every few: the JVM gives some back before they are loaded, and then nobody needs them. */
    @Test
    void aBitFlippedInAPageEndsTheProcessWhenThePageIsLoaded() {
        Path pages = snapshots.pages(1);
        for (long page = 1 + random.nextInt(FLIP_EVERY); page < Damage.size(pages) / PAGE_BYTES; page += FLIP_EVERY) {
            Damage.flipBit(pages, page * PAGE_BYTES + random.nextInt(PAGE_BYTES), 5);
        }
        assertEndsByBadPage(pages, "--eager");
        assertEndsByBadPage(pages, "-Dthaw.prefetch=on");
    }

    @Test
    void aMissingParentIsRefused() {
        snapshots.delete(1);
        assertRefused(snapshots.snapshot(2), "0001", "No such file or directory");
    }

    @Test
    void anotherSnapshotInTheParentsPlaceIsRefused() throws IOException {
        MetaFile meta = MetaFile.read(snapshots.meta(1));
        snapshots.delete(1);
        try (RunningProcess app = JvmUnderTest.withAgent(snapshots.path()).start("PidAndRandom")) {
            app.awaitLine("ready");
            Jcmd.ofThisJdk().checkpoint(app);
            app.mustExit(ThawCommand.CHECKPOINTED);
        }
        Files.move(snapshots.snapshot(3), snapshots.snapshot(1));
        assertNotEquals(meta.getLong("id"), MetaFile.read(snapshots.meta(1)).getLong("id"));
        assertRefused(snapshots.snapshot(2), "0001");
    }

    @Test
    void anotherFormatVersionIsRefused() {
        int version = MetaFile.read(snapshots.meta(2)).get("version");
        MetaFile.read(snapshots.meta(2)).set("version", version + 1).seal();
        assertRefused(snapshots.snapshot(2), "version " + (version + 1));
    }

    @Test
    void anotherKindOfFileIsRefused() {
        MetaFile.read(snapshots.meta(2)).set("magic", 0x464c457f).seal();
        assertRefused(snapshots.snapshot(2), "meta");
    }

    @Test
    void aCpuWithoutAFeatureTheJvmUsesIsRefused() {
        MetaFile meta = MetaFile.read(snapshots.meta(2));
        meta.set("cpu.leaf7_ebx", -1).seal();
        assertRefused(snapshots.snapshot(2), "CPU");
    }

    @Test
    void theEditorItselfLeavesAGoodMetaGood() {
        MetaFile meta = MetaFile.read(snapshots.meta(2));
        meta.set("version", meta.get("version")).seal();
        assertRestores(2);
    }

    @Test
    void anEmptyAMissingAndAnOddDirectoryAreRefused() throws IOException {
        Path empty = Files.createDirectory(files.resolve("empty"));
        assertRefused(empty, empty.toString());
        assertRefused(files.resolve("absent"), "No such file or directory");
        Path file = Files.createFile(files.resolve("file"));
        assertRefused(file, "Not a directory");
        assertRefused(snapshots.snapshot(7), "0007", "No such file or directory");
        Files.createDirectory(snapshots.snapshot(9));
        assertRefused(snapshots.snapshot(9), "0009", "No such file or directory");
    }

    @Test
    void wrongArgumentsAreRefused() {
        for (List<String> arguments : List.of(List.of("restore"), List.of("frobnicate"), List.<String>of(),
                List.of("restore", snapshots.path().toString(), "--frobnicate"))) {
            Completed refused = ThawCommand.run(arguments.toArray(String[]::new));
            assertTrue(refused.status() > 0 && refused.status() < 85, refused.status() + ": " + refused.output());
            assertTrue(refused.output().contains("thaw"), refused.output());
        }
    }

    private void assertRefused(Path snapshot, String... texts) {
        Completed refused = ThawCommand.run("restore", snapshot.toString());
        String context = "seed " + seed + ": status " + refused.status() + ": " + refused.output();
        assertEquals(ThawCommand.REFUSED, refused.status(), context);
        assertTrue(refused.output().startsWith("thaw: ") && !refused.output().contains("\n"), context);
        for (String text : texts) {
            assertTrue(refused.output().contains(text), "no '" + text + "': " + context);
        }
    }

    private void assertEndsByBadPage(Path pages, String option) {
        try (RunningProcess restored = ThawCommand.restore(snapshots.snapshot(1), option)) {
            int status = restored.awaitExit();
            String context = "seed " + seed + ", " + option + ": " + restored.output();
            assertEquals(ThawCommand.BAD_PAGE, status, context);
            String sentence = restored.errorOutput().getLast();
            assertTrue(sentence.startsWith("thaw: ") && sentence.contains(pages.getFileName().toString()), context);
        }
    }

    private void assertRestores(int number) {
        try (RunningProcess restored = ThawCommand.restore(snapshots.snapshot(number))) {
            restored.send("exit 7");
            restored.mustExit(7);
        }
    }
}
