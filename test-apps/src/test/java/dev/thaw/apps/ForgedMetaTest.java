// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.thaw.apps.drive.Completed;
import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.JvmUnderTest;
import dev.thaw.apps.harness.MetaFile;
import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Metadata with a right checksum that no checkpoint can have written is refused by a sentence, never by a signal. */
class ForgedMetaTest {
    private static SnapshotDirectory snapshots;
    private static byte[] genuine;

    /** 0002, a delta, of a process with an epoll, a pipe that holds something and a listener. */
    @BeforeAll
    static void checkpoint() throws IOException {
        snapshots = SnapshotDirectory.create();
        try (RunningProcess app = JvmUnderTest.withAgent(snapshots.path()).options("-Xmx64m", "-XX:+UseSerialGC")
                .start("OpenThings", "selector", "pipe", "listener")) {
            app.awaitLine("ready");
            Jcmd.ofThisJdk().checkpoint(app, "keep_running=true");
            Jcmd.ofThisJdk().checkpoint(app);
            app.mustExit(ThawCommand.CHECKPOINTED);
        }
        genuine = Files.readAllBytes(snapshots.meta(2));
    }

    @AfterAll
    static void delete() {
        snapshots.close();
    }

    @AfterEach
    void undo() throws IOException {
        Files.write(snapshots.meta(2), genuine);
    }

    @Test
    void theGenuineOneRestores() {
        MetaFile.read(snapshots.meta(2)).seal();
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            restored.send("use");
            restored.awaitLine("all used");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "boot_id=0xf0000000", "cwd=0xf0000000", "java_home=0xf0000000", "agent_jar=0xf0000000",
        "vm_version=0xf0000000", "thaw_version=0xf0000000",
        "header_bytes=8", "highest_fd=0x7fffff00", "highest_fd=2", "page_crc_kind=2", "mm.auxv_bytes=513",
        "resume_entry=0x1000", "resume_entry=thread[0].frame", "resume_entry=vdso.vdso_start",
        "vdso.vdso_start=region[0].start", "vdso.vvar_start=region[0].start", "vdso.vvar_start=-4096",
        "vdso.vclock_start=-4096", "vdso.vdso_end=1"})
    void aHeaderThatCannotBe(String forgery) {
        assertRefused(forgery);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "regions.count=0x1000000000000000", "regions.offset=-8", "extents.offset=4",
        "sources.count=0", "sources.count=1025", "source[0].number=7", "source[0].pages=1",
        "source[0].pages=0x20000000000",
        "source[1].number=0", "source[1].number=-1", "source[1].pages=1",
        "region[0].start=1", "region[0].end=0", "region[1].start=region[0].start", "region[0].kind=6",
        "region[0].prot=0x1000", "region[0].first_extent=1", "region[0].extents=0", "region[0].extents=-1",
        "region[0].kind=1 region[0].file=0x7fffffff", "region[0].kind=1 region[0].file=0 region[0].offset=1",
        "region[0].kind=2 region[0].file=-1", "region[0].kind=2 region[0].file=0 region[0].offset=0",
        "region[0].kind=4 region[0].offset=-1", "region[0].kind=5", "region[0].kind=5 region[0].file=0",
        "region[0].kind=5 region[0].file=9999", "region[0].kind=5 region[0].offset=1",
        "region[0].kind=5 descriptor[3].kind=20 region[0].file=descriptor[3].fd region[0].offset=-4096",
        "extent[0].start=0x1001", "extent[0].start=0x1000", "extent[1].start=extent[0].start", "extent[0].pages=0",
        "extent[0].pages=-1", "extent[0].source=2", "extent[0].source=-1", "extent[0].source_page=0",
        "extent[0].source_page=0x10000000000", "extent[0].source_page=-1", "extent[0].first_crc=1"})
    void memoryThatCannotBe(String forgery) {
        assertRefused(forgery);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "threads.count=0", "thread[0].frame=0", "thread[1].frame=0x1000", "thread[0].frame=resume_entry",
        "thread[0].tid_address=1", "thread[0].rseq=-1", "thread[0].vm_tid_address=0x1000",
        "thread[0].tid_address=resume_entry",
        "sigactions.count=63", "file[0].path=0xf0000000",
        "descriptor[0].fd=-1", "descriptor[0].fd=0x7ffffffe", "descriptor[1].fd=descriptor[0].fd",
        "descriptor[1].fd=0", "descriptor[3].kind=99", "descriptor[0].kind=3", "descriptor[0].same_as=3",
        "descriptor[0].same_as=-1", "descriptor[3].kind=1 descriptor[3].same_as=9999",
        "descriptor[3].kind=1 descriptor[3].same_as=descriptor[3].fd", "descriptor[3].path=0xf0000000",
        "descriptor[3].file=0x7fffffff", "descriptor[3].blob_offset=-1", "descriptor[3].blob_bytes=0x100000000",
        "descriptor[3].kind=21", "descriptor[3].address_bytes=129",
        "descriptor[3].peer=9999", "descriptor[3].kind=6 descriptor[3].peer=9999",
        "descriptor[3].kind=6 descriptor[3].peer=-2", "descriptor[3].kind=6 descriptor[3].peer=descriptor[0].fd",
        "descriptor[3].kind=16 descriptor[3].peer=descriptor[3].fd",
        "descriptor[3].kind=6 descriptor[4].kind=7 descriptor[3].peer=descriptor[4].fd",
        "descriptor[3].kind=15 descriptor[3].address_bytes=29",
        "descriptor[3].kind=18 descriptor[3].blob_offset=0 descriptor[3].blob_bytes=7", "watch[0].epoll_fd=9999", "watch[0].target_fd=-1"})
    void threadsFilesAndDescriptorsThatCannotBe(String forgery) {
        assertRefused(forgery);
    }

    /** Assignments as "field=value" or "field=other field". */
    private static void assertRefused(String forgery) {
        MetaFile meta = MetaFile.read(snapshots.meta(2));
        for (String assignment : forgery.split(" ")) {
            String[] sides = assignment.split("=");
            meta.set(sides[0], sides[1].matches("-?[0-9].*") ? Long.decode(sides[1]) : meta.getLong(sides[1]));
        }
        meta.seal();
        Completed refused = ThawCommand.run("restore", snapshots.snapshot(2).toString());
        assertEquals("1: thaw: its meta file contradicts itself: " + snapshots.snapshot(2),
                refused.status() + ": " + refused.output());
    }
}
