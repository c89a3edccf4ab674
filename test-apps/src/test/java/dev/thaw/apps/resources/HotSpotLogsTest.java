// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.resources;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.harness.Lifecycle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** HotSpot goes on writing its own logs in the restored process, without any policy. */
class HotSpotLogsTest {
    @TempDir
    private Path folder;

    @Test
    void loggingFileOpenGoesOnInTheSameFile() throws IOException {
        Path log = folder.resolve("gc.log");
        assertLogGoesOn(log, "-Xlog:gc*:file=" + folder + "/gc.log");
    }

    @Test
    void loggingFileOpenWithThePidInItsNameAndRotationGoesOn() throws IOException {
        try (PolicyRun run = new PolicyRun(List.of("-Xlog:gc:file=" + folder + "/gc-%p.log:uptime:filecount=2,filesize=1m"))) {
            RunningProcess app = run.start();
            assertGrows(run, app, folder.resolve("gc-" + app.pid() + ".log"));
        }
    }

    @Test
    void aLogOpenedByJcmdGoesOn() throws IOException {
        Path log = folder.resolve("late.log");
        try (PolicyRun run = new PolicyRun(List.of())) {
            RunningProcess app = run.start();
            app.awaitLine("ready");
            Jcmd.ofThisJdk().run(app.pid(), "VM.log", "output=" + log, "what=gc=info");
            assertTrue(Files.exists(log));
            app.send("ping");
            Jcmd.ofThisJdk().checkpoint(app);
            app.mustExit(137);
            String before = Files.readString(log);
            assertLogsAGc(run.restore(), log, before);
        }
    }

    @Test
    void loggingVmLogOpenGoesOn() throws IOException {
        assertFinishes("<tty_done", "-XX:+LogVMOutput");
    }

    /** What the compilers logged is put into it at the end. */
    @Test
    void loggingCompilationGoesOn() throws IOException {
        assertFinishes("<compilation_log", "-XX:+LogCompilation");
    }

    @Test
    void loggingVmLogOpenNegativeAnotherFileIsStillRefused() {
        Path log = folder.resolve("gc.log");
        Path other = folder.resolve("other.log");
        try (PolicyRun run = new PolicyRun(List.of("-Xlog:gc:file=" + log))) {
            run.start("w=write:" + other);
            String reply = run.assertRefused(other.toString());
            assertFalse(reply.contains(log.toString()), reply);
        }
    }

    @Test
    void aRuleForAllFilesLeavesTheLogsAlone() throws IOException {
        Path log = folder.resolve("gc.log");
        try (PolicyRun run = new PolicyRun(folder).options("-Xlog:gc:file=" + log)) {
            run.rules("type: file", "action: close").start("w=write:" + folder.resolve("other"));
            run.checkpoint();
            String before = Files.readString(log);
            assertLogsAGc(run.restore(), log, before);
            run.assertUse("w", "threw IOException: Bad file descriptor");
        }
    }

    private void assertFinishes(String element, String option) throws IOException {
        Path log = folder.resolve("vm.log");
        try (PolicyRun run = new PolicyRun(List.of("-XX:+UnlockDiagnosticVMOptions", option, "-XX:LogFile=" + log))) {
            run.start();
            run.checkpoint();
            String before = Files.readString(log);
            assertFalse(before.isEmpty() || before.contains(element), before);
            RunningProcess restored = run.restore();
            restored.send("ping");
            restored.awaitLine("pong");
            Lifecycle.mustEndCleanly(restored);
            String after = Files.readString(log);
            assertTrue(after.startsWith(before) && after.indexOf(element, before.length()) > 0
                    && after.endsWith("</hotspot_log>\n"), after);
        }
    }

    private void assertLogGoesOn(Path log, String... options) throws IOException {
        try (PolicyRun run = new PolicyRun(List.of(options))) {
            assertGrows(run, run.start(), log);
        }
    }

    private static void assertGrows(PolicyRun run, RunningProcess app, Path log) throws IOException {
        run.checkpoint();
        assertEquals(137, app.awaitExit());
        String before = Files.readString(log);
        assertFalse(before.isEmpty());
        assertLogsAGc(run.restore(), log, before);
    }

    private static void assertLogsAGc(RunningProcess restored, Path log, String before) throws IOException {
        restored.send("ping");
        restored.awaitLine("pong");
        Jcmd.ofThisJdk().run(restored.pid(), "GC.run");
        String after = Files.readString(log);
        assertTrue(after.startsWith(before) && after.substring(before.length()).contains("Diagnostic Command"), after);
    }
}
