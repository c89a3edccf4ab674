// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.CProgram;
import dev.thaw.apps.harness.JvmUnderTest;
import dev.thaw.apps.harness.OtherUser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernel and forked children read memory of which pages are missing. */
class NativeAccessTest {
    private static final int MEGABYTES = 32;
    private static final String MISSING = "-Dthaw.prefetch=off";

    private final OtherUser nobody = new OtherUser();
    private final SnapshotDirectory unprivileged = nobody.snapshots();
    private final SnapshotDirectory privileged = SnapshotDirectory.create();
    private Path library;

    @BeforeEach
    void compile() throws IOException {
        library = Files.copy(CProgram.library("fork_and_write"), nobody.folder().resolve("fork_and_write.so"));
    }

    @AfterEach
    void delete() {
        privileged.close();
        nobody.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"fork-native", "fork-heap"})
    void aChildForkedByNativeCodeSeesEveryPage(String command) {
        checkpointUnprivileged();
        try (RunningProcess restored = nobody.restore(unprivileged.path(), MISSING)) {
            assertFalse(nobody.jcmd().status(restored).allLoaded());
            assertSumIsRight(restored, command);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"fork-native", "fork-heap"})
    void aChildForkedByPrivilegedNativeCodeSeesEveryPage(String command) {
        assumeTrue(OtherUser.isRoot(), "needs root");
        checkpointPrivileged();
        try (RunningProcess restored = ThawCommand.restore(privileged.path(), MISSING)) {
            assertFalse(Jcmd.ofThisJdk().status(restored).allLoaded());
            assertSumIsRight(restored, command);
        }
    }

    @Test
    void theKernelReadsEveryMissingPageWhenPrivileged() throws IOException {
        assumeTrue(OtherUser.isRoot(), "needs root");
        checkpointPrivileged();
        for (String command : new String[] {"write", "write-native"}) {
            try (RunningProcess restored = ThawCommand.restore(privileged.path(), MISSING)) {
                assertFalse(Jcmd.ofThisJdk().status(restored).allLoaded());
                assertWritesAll(restored, command);
            }
        }
    }

    /** The documented window of UFFD_USER_MODE_ONLY: EFAULT, never wrong bytes, until the heap is loaded. */
    @Test
    void unprivilegedTheKernelGetsEfaultFromMissingHeapPagesOnly() throws IOException {
        checkpointUnprivileged();
        try (RunningProcess restored = nobody.restore(unprivileged.path(), MISSING)) {
            assertFalse(nobody.jcmd().status(restored).allLoaded());
            // The heap first: what verifies the other memory reads the heap, too, and so loads it.
            restored.send("write " + nobody.folder().resolve("partly"));
            String result = restored.awaitLine("wrote .*|errno .*").group();
            assertTrue(result.equals("errno 14") || result.matches("wrote [0-9]+"), result);
            assertWritesAll(restored, "write-native");
            assertWritesAll(restored, "write");
        }
    }

    @Test
    void unprivilegedTheWindowClosesWhenAllIsLoadedAndIsAbsentWithLazyOff() throws IOException {
        checkpointUnprivileged();
        try (RunningProcess restored = nobody.restore(unprivileged.path())) {
            nobody.jcmd().awaitAllLoaded(restored);
            assertWritesAll(restored, "write");
        }
        try (RunningProcess restored = nobody.restore(unprivileged.path(), "-Dthaw.lazy=off")) {
            assertWritesAll(restored, "write");
        }
    }

    private void checkpointUnprivileged() {
        checkpoint(nobody.jvm(unprivileged.path()), nobody.jcmd());
    }

    private void checkpointPrivileged() {
        checkpoint(JvmUnderTest.withAgent(privileged.path()), Jcmd.ofThisJdk());
    }

    private void checkpoint(JvmUnderTest jvm, Jcmd jcmd) {
        try (RunningProcess app = jvm.options("--enable-native-access=ALL-UNNAMED")
                .start("ForkAndWrite", library.toString(), Integer.toString(MEGABYTES))) {
            app.awaitLine("ready");
            jcmd.checkpoint(app);
            app.mustExit(ThawCommand.CHECKPOINTED);
        }
    }

    private static void assertSumIsRight(RunningProcess restored, String command) {
        restored.send(command);
        String told = restored.awaitLine("child's sum .*").group();
        assertTrue(told.endsWith("is right"), told);
        restored.send("verify");
        restored.awaitLine("verified");
    }

    private void assertWritesAll(RunningProcess restored, String command) throws IOException {
        Path file = nobody.folder().resolve("written");
        restored.send(command + " " + file);
        assertEquals("wrote all", restored.awaitLine("wrote .*|errno .*").group());
        assertEquals((long) MEGABYTES << 20, Files.size(file));
        restored.send("verify");
        restored.awaitLine("verified");
        Files.delete(file);
    }
}
