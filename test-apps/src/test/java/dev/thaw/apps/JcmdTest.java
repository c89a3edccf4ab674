// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.thaw.apps.drive.Artefacts;
import dev.thaw.apps.drive.Completed;
import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.Service;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.JvmUnderTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The tools of the JDK work on a JVM under the agent as they do on any other, before and after a restore. */
class JcmdTest {
    private static final Path BIN = Artefacts.JAVA_HOME.resolve("bin");

    private final SnapshotDirectory snapshots = SnapshotDirectory.create();

    @AfterEach
    void delete() {
        snapshots.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 25})
    void jcmdOfEachJdkListsExplainsAndRunsTheCheckpoint(int version) {
        Jcmd jcmd = new Jcmd(jdk(version));
        try (Service service = Service.start(snapshots.path(), List.of("-XX:+UseG1GC"), 1)) {
            service.awaitFirstAnswer();
            assertAnswers(jcmd, service);
            Completed reply = jcmd.run(service.pid(), "JDK.checkpoint");
            assertEquals(0, reply.status(), reply.output());
            assertTrue(reply.output().contains(snapshots.snapshot(1).toString()), reply.output());
            service.process().mustExit(ThawCommand.CHECKPOINTED);
            try (Service restored = service.restore(snapshots.path())) {
                restored.awaitFirstAnswer();
                assertNotEquals(service.pid(), restored.pid());
                assertAnswers(jcmd, restored);
                Completed second = jcmd.run(restored.pid(), "JDK.checkpoint", "keep_running=true");
                assertEquals(0, second.status(), second.output());
                assertAnswers(jcmd, restored);
            }
        }
    }

    @Test
    void findsTheProcessByItsMainClassBeforeAndAfter() {
        try (RunningProcess app = JvmUnderTest.withAgent(snapshots.path()).start("PidAndRandom")) {
            app.awaitLine("ready");
            Completed reply = Jcmd.ofThisJdk().run("dev.thaw.apps.PidAndRandom", "JDK.checkpoint");
            assertEquals(0, reply.status(), reply.output());
            app.mustExit(ThawCommand.CHECKPOINTED);
        }
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            restored.send("report");
            restored.awaitLine("pid " + restored.pid() + " .*");
            String listed = Completed.run(BIN.resolve("jps").toString(), "-l").output();
            assertTrue(listed.contains(restored.pid() + " dev.thaw.apps.PidAndRandom"), listed);
            Completed reply = Jcmd.ofThisJdk().run("dev.thaw.apps.PidAndRandom", "VM.command_line");
            assertEquals(0, reply.status(), reply.output());
        }
    }

    @Test
    void jpsShowsOnlyTheRestoredProcess() {
        try (RunningProcess app = JvmUnderTest.withAgent(snapshots.path()).start("PidAndRandom")) {
            app.awaitLine("ready");
            Jcmd.ofThisJdk().checkpoint(app);
            app.mustExit(ThawCommand.CHECKPOINTED);
            String listed = Completed.run(BIN.resolve("jps").toString()).output();
            assertFalse(listed.lines().anyMatch(line -> line.startsWith(app.pid() + " ")), listed);
        }
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            restored.send("report");
            restored.awaitLine("pid .*");
            String own = restored.pid() + " PidAndRandom";
            assertTrue(Completed.run(BIN.resolve("jps").toString()).output().lines().anyMatch(own::equals), own);
            Completed counters = Completed.run(BIN.resolve("jstat").toString(), "-class", Long.toString(restored.pid()));
            assertTrue(counters.output().matches("(?s)Loaded .*\\s[1-9][0-9]{2,}\\s.*"), counters.output());
            restored.send("exit 0");
            restored.mustExit(0);
            String listed = Completed.run(BIN.resolve("jps").toString()).output();
            assertFalse(listed.lines().anyMatch(own::equals), listed);
        }
    }

    @Test
    void refusesAnUnknownOption() {
        try (RunningProcess app = JvmUnderTest.withAgent(snapshots.path()).start("PidAndRandom")) {
            app.awaitLine("ready");
            Completed reply = Jcmd.ofThisJdk().run(app.pid(), "JDK.checkpoint", "keep_runing=true");
            assertEquals(1, reply.status(), reply.output());
            assertTrue(reply.output().contains("keep_runing"), reply.output());
            assertEquals(List.of(), snapshots.names());
            app.send("report");
            app.awaitLine("pid .*");
        }
    }

    @Test
    void saysWhatIsMissingWhenNobodySaidWhereTo() {
        try (RunningProcess app = JvmUnderTest.withBareAgent().start("PidAndRandom")) {
            app.awaitLine("ready");
            Completed reply = Jcmd.ofThisJdk().run(app.pid(), "JDK.checkpoint");
            assertEquals(1, reply.status(), reply.output());
            assertTrue(reply.output().contains("to="), reply.output());
            Jcmd.ofThisJdk().checkpoint(app, "to=" + snapshots.path());
            assertEquals(List.of("0001"), snapshots.names());
        }
    }

    @Test
    void respectsDisableAttachMechanism() {
        try (RunningProcess app = JvmUnderTest.withAgent(snapshots.path()).options("-XX:+DisableAttachMechanism")
                .start("PidAndRandom")) {
            app.awaitLine("ready");
            assertNotEquals(0, Jcmd.ofThisJdk().run(app.pid(), "JDK.checkpoint").status());
            app.send("report");
            app.awaitLine("pid .*");
            assertEquals(List.of(), snapshots.names());
        }
    }

    /** All that must be as without the agent, and the two commands that are ours. */
    private static void assertAnswers(Jcmd jcmd, Service service) {
        long pid = service.pid();
        assertContains(jcmd.run(pid, "help"), "JDK.checkpoint", "Thread.print", "GC.heap_info", "Thaw.status");
        assertContains(jcmd.run(pid, "help", "JDK.checkpoint"), "keep_running", "to");
        assertContains(jcmd.run(pid, "help", "Thread.print"), "Thread.print");
        assertContains(jcmd.run(pid, "Thread.print"), "\"DestroyJavaVM\"", "HTTP-Dispatcher", "JNI global refs");
        assertContains(jcmd.run(pid, "GC.heap_info"), "garbage-first heap");
        assertContains(jcmd.run(pid, "VM.flags"), "-XX:");
        assertContains(jcmd.run(pid, "VM.version"), "JDK 25");
        assertContains(Completed.run(BIN.resolve("jstack").toString(), "" + pid), "HTTP-Dispatcher");
        assertContains(Completed.run(BIN.resolve("jmap").toString(), "-histo", "" + pid), "java.lang.String");
        Completed unknown = jcmd.run(pid, "No.such_command");
        assertEquals(1, unknown.status(), unknown.output());
        assertTrue(unknown.output().contains("Unknown diagnostic command"), unknown.output());
    }

    private static void assertContains(Completed result, String... texts) {
        assertEquals(0, result.status(), result.output());
        for (String text : texts) {
            assertTrue(result.output().contains(text), "no '" + text + "' in:\n" + result.output());
        }
    }

    static Path jdk(int version) {
        if (Runtime.version().feature() == version) {
            return Artefacts.JAVA_HOME;
        }
        try (Stream<Path> homes = Files.list(Path.of("/usr/lib/jvm"))) {
            Path found = homes.filter(home -> Files.isExecutable(home.resolve("bin/jcmd")))
                    .filter(home -> home.getFileName().toString().contains("-" + version))
                    .findFirst().orElse(null);
            assumeTrue(found != null, "no JDK " + version + " with jcmd under /usr/lib/jvm");
            return found;
        } catch (IOException e) {
            assumeTrue(false, "no /usr/lib/jvm: " + e);
            return null;
        }
    }
}
