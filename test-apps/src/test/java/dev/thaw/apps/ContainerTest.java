// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.thaw.apps.drive.Artefacts;
import dev.thaw.apps.drive.Completed;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.CProgram;
import dev.thaw.apps.harness.JvmUnderTest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * As in a container: own user, pid, mount, network, host name and IPC namespaces, the root file system read-only but
 * for the folder of the snapshots and /tmp, the JVM as pid 1.
 */
class ContainerTest {
    private static final List<String> NAMESPACES = List.of("unshare", "--user", "--map-root-user", "--pid", "--fork",
            "--kill-child", "--mount", "--net", "--uts", "--ipc");
    private static final String READ_ONLY_ROOT = """
            mount --make-rprivate / && mount -t proc proc /proc && mount --bind "$0" "$0" \
            && mount -t tmpfs tmpfs /tmp && mount -o remount,bind,ro / || exit 99
            exec "$@"
            """;

    private final SnapshotDirectory snapshots = SnapshotDirectory.in(Artefacts.TEST_APPS.getParent());

    @BeforeEach
    void namespacesMustBeAllowed() {
        List<String> probe = inside(List.of("test", "-e", Artefacts.THAW.toString()));
        assumeTrue(Completed.run(probe).status() == 0, "no namespaces here, or the tree lies in /tmp, which is hidden");
    }

    @AfterEach
    void delete() {
        snapshots.close();
    }

    @Test
    void isCheckpointedAndRestoredAsPidOne() {
        checkpoint();
        for (int clone = 0; clone < 2; clone++) {
            try (RunningProcess restored = restore(List.of())) {
                assertReportsAndEnds(restored);
            }
        }
    }

    /** The whole life of it under what Docker's default profile denies: userfaultfd, kcmp, clone3 and others. */
    @Test
    void isCheckpointedTwiceAndRestoredUnderDockersSeccompProfile() {
        List<String> profile = List.of(CProgram.executable("as_docker").toString());
        checkpoint(profile);
        for (int number = 1; number <= 2; number++) {
            try (RunningProcess restored = restore(profile)) {
                assertReports(restored);
                assertEquals(1, restored.errorOutput().size(), restored.errorOutput().toString());
                String reply = jcmd(restored);
                assertTrue(reply.contains(snapshots.snapshot(number + 1) + ": full"), reply);
                restored.mustExit(ThawCommand.CHECKPOINTED);
            }
        }
        try (RunningProcess restored = restore(profile)) {
            assertReportsAndEnds(restored);
        }
    }

    /** All is filled first, one line says so. */
    @Test
    void isRestoredWhereSeccompForbidsUserfaultfd() {
        checkpoint();
        try (RunningProcess restored = restore(List.of(CProgram.executable("without_userfaultfd").toString()))) {
            assertReportsAndEnds(restored);
            List<String> said = restored.errorOutput();
            assertTrue(said.size() == 1 && said.get(0).contains("userfaultfd"), said.toString());
        }
    }

    @Test
    void aRestoredContainerWritesADelta() {
        checkpoint();
        try (RunningProcess restored = restore(List.of())) {
            assertReports(restored);
            String reply = jcmd(restored);
            assertTrue(reply.contains("delta of 0001"), reply);
            restored.mustExit(ThawCommand.CHECKPOINTED);
        }
        try (RunningProcess restored = restore(List.of())) {
            assertReportsAndEnds(restored);
        }
    }

    private void checkpoint() {
        checkpoint(List.of());
    }

    private void checkpoint(List<String> before) {
        List<String> java = JvmUnderTest.withAgent(snapshots.path()).prefix(before).command("PidAndRandom");
        try (RunningProcess original = RunningProcess.start(inside(java))) {
            original.awaitLine("ready");
            String reply = jcmd(original);
            assertTrue(reply.contains(snapshots.snapshot(1) + ": full"), reply);
            original.mustExit(ThawCommand.CHECKPOINTED);
        }
    }

    private RunningProcess restore(List<String> before) {
        List<String> command = new ArrayList<>(before);
        command.addAll(List.of(Artefacts.THAW.toString(), "restore", snapshots.path().toString()));
        return RunningProcess.start(inside(command));
    }

    private List<String> inside(List<String> command) {
        List<String> whole = new ArrayList<>(NAMESPACES);
        whole.addAll(List.of("sh", "-c", READ_ONLY_ROOT, snapshots.path().toString()));
        whole.addAll(command);
        return whole;
    }

    /** From another process of the container; it ends with the container, once the reply is there. */
    private static String jcmd(RunningProcess container) {
        long first = ProcessHandle.of(container.pid()).orElseThrow().children().findFirst().orElseThrow().pid();
        return Completed.run("nsenter", "-t", Long.toString(first), "--user", "--mount", "--pid", "--net",
                "--preserve-credentials", Artefacts.JAVA_HOME + "/bin/jcmd", "1", "JDK.checkpoint").output();
    }

    private static void assertReports(RunningProcess restored) {
        restored.send("report");
        assertEquals("1", restored.awaitLine("pid ([0-9]+) .*").group(1));
    }

    private static void assertReportsAndEnds(RunningProcess restored) {
        assertReports(restored);
        restored.send("exit 3");
        restored.mustExit(3);
    }
}
