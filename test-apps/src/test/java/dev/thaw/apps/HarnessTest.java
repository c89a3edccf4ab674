// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.thaw.apps.drive.Completed;
import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.Service;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.harness.CProgram;
import dev.thaw.apps.harness.Damage;
import dev.thaw.apps.harness.JvmUnderTest;
import dev.thaw.apps.harness.MetaFile;
import dev.thaw.apps.harness.OtherUser;
import dev.thaw.apps.harness.SmallDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tests' own tools and applications, on JVMs without the agent: what fails here is no fault of Thaw's. */
class HarnessTest {
    @TempDir
    private Path files;

    @Test
    void aLineThatDoesNotComeIsToldWithOutputThreadsAndStacks() {
        try (RunningProcess app = JvmUnderTest.withoutAgent().start("PidAndRandom")) {
            app.awaitLine("ready");
            app.send("error");
            app.awaitLine("on stderr");
            String told = assertThrows(IllegalStateException.class,
                    () -> app.awaitLine("never", Duration.ofMillis(50))).getMessage();
            for (String part : List.of("no line /never/", "out| ready", "err| on stderr", "VM Thread", "State: S",
                    "syscall ", "Full thread dump", "PidAndRandom.main")) {
                assertTrue(told.contains(part), "no '" + part + "' in:\n" + told);
            }
            assertFalse(app.isAlive());
        }
    }

    @Test
    void aProcessThatEndsEarlyIsToldWithItsStatus() {
        try (RunningProcess sh = RunningProcess.start(List.of("sh", "-c", "echo one; exit 3"))) {
            String told = assertThrows(IllegalStateException.class, () -> sh.awaitLine("two")).getMessage();
            assertTrue(told.contains("exit status 3") && told.contains("out| one"), told);
        }
    }

    @Test
    void eachApplicationWorksByItself() throws IOException {
        try (Service service = Service.start(null, List.of(), 8, "--load", "2")) {
            service.awaitFirstAnswer();
            service.dirty(2);
            assertTrue(service.verify().startsWith("records "));
            assertEquals("pid " + service.pid(), service.get("/pid"));
        }
        try (RunningProcess zoo = JvmUnderTest.withoutAgent().start("ThreadZoo", "60", "virtual")) {
            zoo.awaitLine("ready");
            zoo.send("end");
            zoo.awaitLine("ended clean");
            zoo.mustExit(0);
        }
        Path text = Files.writeString(files.resolve("text"), "one\ntwo\n");
        try (RunningProcess things = JvmUnderTest.withoutAgent().options("--enable-native-access=ALL-UNNAMED")
                .start("OpenThings", "read-only=" + text, "listener", "pipe", "selector", "io-uring")) {
            things.send("use");
            things.awaitLine("used read-only at 4: two");
            things.awaitLine("all used");
        }
    }

    @Test
    void theServiceFindsAChangedRecord() {
        try (Service service = Service.start(null, List.of(), 8)) {
            service.awaitFirstAnswer();
            String before = service.verify();
            service.get("/break?id=100");
            String told = assertThrows(IllegalStateException.class, service::verify).getMessage();
            assertTrue(told.contains("answered /verify with 500") && told.contains("record 100: byte"), told);
            assertTrue(before.contains("checksum"), before);
        }
    }

    @Test
    void aForkedChildAndTheKernelReadTheMemoryOfNativeAccess() {
        try (RunningProcess app = JvmUnderTest.withoutAgent().options("--enable-native-access=ALL-UNNAMED")
                .start("ForkAndWrite", CProgram.library("fork_and_write").toString(), "4")) {
            app.awaitLine("ready");
            app.send("fork-heap");
            assertTrue(app.awaitLine("child's sum .*").group().endsWith("is right"));
            app.send("write " + files.resolve("out"));
            app.awaitLine("wrote all");
            assertEquals(4 << 20, Damage.size(files.resolve("out")));
        }
    }

    @Test
    void theOtherUserIsUnprivilegedAndSeesTheArtefacts() {
        try (OtherUser nobody = new OtherUser(); SnapshotDirectory snapshots = nobody.snapshots()) {
            List<String> touch = new ArrayList<>(OtherUser.prefix());
            touch.addAll(List.of("sh", "-c", "touch " + snapshots.path() + "/own; touch /own; grep CapEff /proc/self/status"));
            String told = Completed.run(touch).output();
            assertTrue(told.contains("Permission denied") && told.contains("0000000000000000"), told);
            assertEquals(List.of("own"), snapshots.names());
            try (RunningProcess app = JvmUnderTest.withoutAgent().prefix(OtherUser.prefix()).start("PidAndRandom")) {
                app.awaitLine("ready");
                Completed version = nobody.jcmd().run(app.pid(), "VM.version");
                assertEquals(0, version.status(), version.output());
            }
        }
    }

    @Test
    void theFilterForbidsUserfaultfdAndNothingElse() {
        Path probe = CProgram.executable("try_userfaultfd");
        Completed forbidden = Completed.run(CProgram.executable("without_userfaultfd").toString(), probe.toString());
        assertEquals("syscall: Operation not permitted", forbidden.output().lines().findFirst().orElseThrow());
        assertFalse(forbidden.output().contains("device: fine"), forbidden.output());
        assertTrue(Completed.run(probe.toString()).output().startsWith("syscall: fine"));
    }

    @Test
    void aSmallDiskGetsFull() {
        assumeTrue(OtherUser.isRoot(), "only root can mount a small disk");
        try (SmallDisk disk = new SmallDisk(1)) {
            Completed dd = Completed.run("dd", "if=/dev/zero", "of=" + disk.path().resolve("x"), "bs=1M", "count=2");
            assertTrue(dd.output().contains("No space left on device"), dd.output());
        }
    }

    @Test
    void anEditedMetaHasARightChecksum() throws IOException {
        Path path = Files.write(files.resolve("meta"), new byte[4096]);
        MetaFile.read(path).set("version", 9).seal();
        MetaFile edited = MetaFile.read(path);
        int sealed = edited.get("meta_crc");
        assertEquals(9, edited.get("version"));
        edited.seal();
        assertEquals(sealed, MetaFile.read(path).get("meta_crc"));
        Damage.flipBit(path, 3000, 1);
        MetaFile.read(path).seal();
        assertTrue(sealed != MetaFile.read(path).get("meta_crc"));
    }

    @Test
    void jcmdTellsCodeAndOutput() {
        try (RunningProcess app = JvmUnderTest.withoutAgent().start("PidAndRandom")) {
            app.awaitLine("ready");
            assertEquals(0, Jcmd.ofThisJdk().run(app.pid(), "VM.version").status());
            Completed unknown = Jcmd.ofThisJdk().run(app.pid(), "JDK.checkpoint");
            assertEquals(1, unknown.status());
            assertTrue(unknown.output().contains("Unknown diagnostic command"), unknown.output());
        }
    }
}
