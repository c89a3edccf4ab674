// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.Artefacts;
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
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** `thaw list`, `inspect` and `verify` tell what is in a DIR, and verify finds any changed byte. */
class ToolsTest {
    private static SnapshotDirectory snapshots;
    private static long pid;

    private final long seed = Long.getLong("thaw.seed", System.nanoTime());
    private final Random random = new Random(seed);

    /** 0001 full, 0002 a delta of it. */
    @BeforeAll
    static void checkpoint() {
        snapshots = SnapshotDirectory.create();
        try (RunningProcess app = JvmUnderTest.withAgent(snapshots.path()).options("-Xmx64m", "-XX:+UseSerialGC")
                .start("PidAndRandom")) {
            app.awaitLine("ready");
            pid = app.pid();
            Jcmd.ofThisJdk().checkpoint(app, "keep_running=true");
            Jcmd.ofThisJdk().checkpoint(app);
            app.mustExit(ThawCommand.CHECKPOINTED);
        }
    }

    @AfterAll
    static void delete() {
        snapshots.close();
    }

    @Test
    void listShowsEachSnapshotOnALineWithItsKind() {
        List<String> lines = ThawCommand.run("list", snapshots.path().toString()).output().lines().toList();
        String first = lines.stream().filter(line -> line.contains("0001")).findFirst().orElseThrow();
        String second = lines.stream().filter(line -> line.matches(".*0002.*")).findFirst().orElseThrow();
        assertTrue(first.contains("full"), lines.toString());
        assertTrue(second.contains("delta of 0001"), lines.toString());
    }

    @Test
    void inspectTellsWhereASnapshotComesFrom() {
        Completed inspected = ThawCommand.run("inspect", snapshots.snapshot(2).toString());
        assertEquals(0, inspected.status(), inspected.output());
        for (String expected : List.of("0001", Long.toString(pid), Artefacts.JAVA_HOME.toString(),
                "libjvm.so", Long.toString(MetaFile.read(snapshots.meta(2)).getLong("own_pages")))) {
            assertTrue(inspected.output().contains(expected), "no '" + expected + "' in:\n" + inspected.output());
        }
    }

    @Test
    void verifyAcceptsAGoodSnapshotAndAWholeDirectory() {
        for (Path good : List.of(snapshots.path(), snapshots.snapshot(1), snapshots.snapshot(2))) {
            Completed verified = ThawCommand.run("verify", good.toString());
            assertEquals(0, verified.status(), good + ": " + verified.output());
        }
    }

    @Test
    void verifyFindsAnyChangedByteOfASnapshot() {
        for (int number = 1; number <= 2; number++) {
            for (Path file : List.of(snapshots.meta(number), snapshots.pages(number),
                    snapshots.snapshot(number).resolve("tags"), snapshots.snapshot(number).resolve("score"))) {
                for (int i = 0; i < 4; i++) {
                    long limit = i == 0 ? Math.min(4096, Damage.size(file)) : Damage.size(file);
                    assertFindsChange(file, random.nextLong(limit), snapshots.snapshot(number), snapshots.path());
                }
            }
        }
        Path parent = snapshots.pages(1);
        assertFindsChange(parent, Damage.size(parent) - 1, snapshots.snapshot(1), snapshots.path());
        assertEquals(0, ThawCommand.run("verify", snapshots.path().toString()).status());
    }

    /** What a delta does not need of its parent, such as its metadata, may change. */
    @Test
    void verifyOfADeltaFindsADamagedParent() {
        Path parent = snapshots.pages(1);
        assertFindsChange(parent, random.nextInt(4096), snapshots.snapshot(2));
        try (SnapshotDirectory copy = snapshots.copy()) {
            for (long page = 1; page * 4096 < Damage.size(parent); page++) {
                Damage.flipBit(copy.pages(1), page * 4096 + random.nextInt(4096), random.nextInt(8));
            }
            Completed verified = ThawCommand.run("verify", copy.snapshot(2).toString());
            assertEquals(1, verified.status(), verified.output());
            assertTrue(verified.output().contains(copy.pages(1) + " is damaged"), verified.output());
        }
    }

    @Test
    void verifyNamesAMissingParent() {
        try (SnapshotDirectory copy = snapshots.copy()) {
            copy.delete(1);
            Completed verified = ThawCommand.run("verify", copy.snapshot(2).toString());
            assertEquals(1, verified.status(), verified.output());
            assertTrue(verified.output().contains("0001"), verified.output());
        }
    }

    @Test
    void anEmptyDirectoryHasNothingToListAndNothingToVerify(@TempDir Path empty) {
        assertEquals(0, runWith(Artefacts.JAVA_HOME, "list", empty.toString()).status());
        for (List<String> arguments : List.of(List.of("verify", empty.toString()),
                List.of("inspect", empty.toString()), List.of("list", empty.resolve("absent").toString()))) {
            assertIsRefused(runWith(Artefacts.JAVA_HOME, arguments.toArray(String[]::new)));
        }
    }

    /** An empty folder names no Java, so that the one of JAVA_HOME is taken. */
    @Test
    void aJavaThatIsTooOldIsNamed(@TempDir Path empty) {
        Path old = JcmdTest.jdk(17);
        Completed refused = runWith(old, "list", empty.toString());
        assertIsRefused(refused);
        assertTrue(refused.output().contains(old.toString()) && refused.output().contains("22"), refused.output());
    }

    private static Completed runWith(Path javaHome, String... arguments) {
        ProcessBuilder builder = new ProcessBuilder(Artefacts.THAW.toString());
        builder.command().addAll(List.of(arguments));
        builder.environment().put("JAVA_HOME", javaHome.toString());
        return Completed.run(builder);
    }

    /** One sentence. */
    private static void assertIsRefused(Completed refused) {
        assertEquals(ThawCommand.REFUSED, refused.status(), refused.output());
        assertTrue(refused.output().startsWith("thaw: ") && !refused.output().contains("\n"), refused.output());
    }

    @Test
    void snapshotsAreForTheirOwnerOnly() throws IOException {
        assertEquals("rwx------", permissions(snapshots.snapshot(1)));
        assertEquals("rw-------", permissions(snapshots.meta(1)));
        assertEquals("rw-------", permissions(snapshots.pages(1)));
    }

    private void assertFindsChange(Path file, long offset, Path... verifiedPlaces) {
        int bit = random.nextInt(8);
        Damage.flipBit(file, offset, bit);
        try {
            for (Path place : verifiedPlaces) {
                Completed verified = ThawCommand.run("verify", place.toString());
                String context = "seed %d, %s at %d: %s".formatted(seed, file, offset, verified.output());
                assertEquals(1, verified.status(), context);
                assertTrue(verified.output().contains(file.getParent().toString()), context);
            }
        } finally {
            Damage.flipBit(file, offset, bit);
        }
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
