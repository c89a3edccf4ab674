// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.resources;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.Completed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rules of type file. */
class FilePolicyTest extends PolicyFixture {
    private Path file;

    @BeforeEach
    void nameFile() {
        file = folder.resolve("file.log");
    }

    @Test
    void reopenFileReadingGoesOnAtItsPosition() throws IOException {
        Files.writeString(file, "one\ntwo\nthree\n");
        run.rules("type: file", "path: **/*.log", "action: reopen").start("r=read:" + file);
        run.checkpointAndRestore();
        run.assertUse("r", "at 4 two");
        run.assertUse("r", "at 8 three");
    }

    @Test
    void reopenFileWritingGoesOnAtItsPosition() throws IOException {
        Path other = Files.writeString(folder.resolve("other.log"), "aaa\nbbb\nccc\n");
        run.rules("type: file", "path: " + folder + "/*.log", "action: reopen").start("w=write:" + file, "u=update:" + other);
        run.checkpointAndRestore();
        run.assertUse("w", "written");
        run.assertUse("u", "at 4");
        assertEquals("first\nmore\n", Files.readString(file));
        assertEquals("aaa\nupd\nccc\n", Files.readString(other));
    }

    @Test
    void reopenAppendingAppendsToWhatOthersWroteMeanwhile() throws IOException {
        Files.writeString(file, "before\n");
        run.rules("type: file", "path: " + file, "action: reopen").start("a=append:" + file);
        run.checkpoint();
        Files.writeString(file, "other\n", StandardOpenOption.APPEND);
        run.restore();
        run.assertUse("a", "written");
        assertEquals("before\nfirst\nother\nmore\n", Files.readString(file));
    }

    @Test
    void reopenAtEndStaysAtTheEnd() throws IOException {
        Path read = Files.writeString(folder.resolve("read"), "one\n");
        Files.writeString(file, "one\n");
        run.rules("type: file", "path: " + folder + "/*", "action: reopen").start("r=read:" + read, "u=update:" + file);
        run.checkpointAndRestore();
        run.assertUse("r", "at 4 null");
        run.assertUse("u", "at 4");
        assertEquals("one\nupd\n", Files.readString(file));
    }

    @Test
    void reopenFailureOfAMissingFileIsRefusedByTheRestore() throws IOException {
        run.rules("type: file", "path: " + file, "action: reopen").start("w=write:" + file);
        run.checkpoint();
        Files.delete(file);
        run.assertRestoreRefused(file.toString());
    }

    @Test
    void reopenNamedFifoIsAsBefore() {
        Path fifo = folder.resolve("fifo");
        assertEquals(0, Completed.run("mkfifo", fifo.toString()).status());
        run.rules("type: file", "path: " + fifo, "action: reopen").start("f=fifo:" + fifo);
        run.assertUse("f", "heard word");
        run.checkpointAndRestore();
        run.assertUse("f", "heard word");
    }

    @Test
    void reopenOtherDevicesAreAsBefore() {
        run.rules("type: file", "path: /dev/zero", "action: reopen").start("z=write:/dev/zero");
        run.checkpointAndRestore();
        run.assertUse("z", "written");
    }

    /** Refused without a rule, unlike the devices of memory. */
    @Test
    void reopenFileOfTheKernelIsReadFromItsStart() {
        run.rules("type: file", "path: /proc/version", "action: reopen").start("k=read:/proc/version");
        run.checkpointAndRestore();
        run.assertUse("k", "at 0 Linux version .*");
    }

    @Test
    void closeFileMakesEveryUseFail() throws IOException {
        Path read = Files.writeString(folder.resolve("read.log"), "one\ntwo\n");
        run.rules("type: FILE", "path: **/*.log", "action: CLOSE").start("w=write:" + file, "r=read:" + read);
        run.checkpointAndRestore();
        run.assertUse("w", "threw IOException: Bad file descriptor");
        run.assertUse("r", "threw IOException: Bad file descriptor");
        assertEquals("first\n", Files.readString(file));
    }

    @Test
    void aClosedFileMayBeMissingAtTheRestore() throws IOException {
        run.rules("type: file", "path: " + file, "action: close").start("w=write:" + file);
        run.checkpoint();
        Files.delete(file);
        run.restore();
        run.assertUse("w", "threw IOException: Bad file descriptor");
    }

    @Test
    void ignoreFileCarriesIt() {
        run.rules("type: file", "path: " + file, "action: ignore").start("w=write:" + file);
        run.checkpointAndRestore();
        run.assertUse("w", "written");
    }

    @Test
    void errorRefusesWhatWouldBeCarried() throws IOException {
        Files.writeString(file, "one\ntwo\n");
        run.rules("type: file", "action: error").start("r=read:" + file);
        String reply = run.assertRefused("CheckpointOpenFileException", file.toString(), "its resource policy says error");
        assertTrue(!reply.contains(".jar") && !reply.contains("modules"), reply);
        run.assertUse("r", "at 4 two");
    }

    @Test
    void theFirstRuleThatMatchesWins() {
        Path second = folder.resolve("second.log");
        run.rules("# one file", "type: file", "path: " + file, "action: close", "", "---", "type: file", "action: reopen")
                .start("f=write:" + file, "s=write:" + second);
        run.checkpointAndRestore();
        run.assertUse("f", "threw IOException: Bad file descriptor");
        run.assertUse("s", "written");
    }

    @Test
    void warnsOfEachFileUnlessToldNotTo() {
        Path quiet = folder.resolve("quiet");
        run.rules("type: file", "path: " + quiet, "action: close", "warn: false", "---", "type: file", "path: **/*.log",
                "action: close").start("f=write:" + file, "q=write:" + quiet);
        run.checkpoint();
        assertEquals(List.of("WARNING: File " + file + " was not closed by the application."), run.warnings());
    }

    @Test
    void aPropertyOfTheRestoreHoldsForTheNextCheckpoint() throws IOException {
        try (PolicyRun without = new PolicyRun(List.of())) {
            Files.writeString(file, "one\ntwo\n");
            Path policies = Files.write(folder.resolve("later.yaml"), List.of("type: file", "path: " + file, "action: error"));
            without.start("r=read:" + file);
            without.checkpointAndRestore("-Djdk.crac.resource-policies=" + policies);
            without.assertRefused(file.toString(), "its resource policy says error");
            Files.delete(policies);
            without.assertRefused("File " + policies + " used in property jdk.crac.resource-policies does not exist");
        }
    }

    @Test
    void aRuleThatCannotBeReadRefusesTheCheckpoint() {
        run.rules("type: file", "action=close").start("w=write:" + file);
        run.assertRefused("Invalid rule in policies file", "on lines 1-2: cannot parse line 2: action=close");
        run.rules("type: file", "path: " + file, "action: ignore");
        run.checkpointAndRestore();
        run.assertUse("w", "written");
    }
}
