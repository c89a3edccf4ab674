// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.thaw.apps.drive.Artefacts;
import dev.thaw.apps.drive.Completed;
import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.ProcessState;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.JvmUnderTest;
import dev.thaw.apps.harness.OtherUser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** `thaw restore` is the JVM from then on: pid, randomness, stdio, signals, exit status, properties. */
class RestoreIdentityTest {
    private static final String REPORT =
            "pid ([0-9]+) compiled ([-0-9]+) runtime ([0-9]+) name ([0-9]+) random ([0-9a-f]+) seed ([0-9a-f]+)";

    private final SnapshotDirectory snapshots = SnapshotDirectory.create();

    @TempDir
    private Path files;

    @BeforeEach
    void checkpoint() {
        try (RunningProcess app = JvmUnderTest.withAgent(snapshots.path()).start("PidAndRandom")) {
            app.awaitLine("ready");
            app.send("report");
            assertReports(app, app.pid());
            Jcmd.ofThisJdk().checkpoint(app);
            app.mustExit(ThawCommand.CHECKPOINTED);
        }
    }

    @AfterEach
    void delete() {
        snapshots.close();
    }

    @Test
    void reportsItsOwnPidInCompiledCodeToo() {
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            restored.send("report");
            assertReports(restored, restored.pid());
        }
    }

    /** Command line, and, where the kernel lets us, the program, are the JVM's. */
    @Test
    void procShowsTheJvm() throws IOException {
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            restored.send("report");
            assertReports(restored, restored.pid());
            ProcessHandle.Info info = ProcessHandle.of(restored.pid()).orElseThrow().info();
            assertTrue(info.arguments().orElseThrow()[0].startsWith("-javaagent:"), info.toString());
            assumeTrue(OtherUser.isRoot(), "the program's link needs CAP_CHECKPOINT_RESTORE");
            assertEquals(Path.of(Artefacts.java()).toRealPath(),
                    Files.readSymbolicLink(Path.of("/proc/" + restored.pid() + "/exe")));
        }
    }

    @Test
    void clonesThatRunAtTheSameTimeDrawDifferentRandomNumbers() {
        List<RunningProcess> clones = new ArrayList<>();
        try {
            for (int i = 0; i < 4; i++) {
                clones.add(ThawCommand.restore(snapshots.path()));
            }
            Set<String> randoms = new HashSet<>();
            for (RunningProcess clone : clones) {
                clone.send("report");
                Matcher report = assertReports(clone, clone.pid());
                randoms.add(report.group(5));
                randoms.add(report.group(6));
            }
            assertEquals(8, randoms.size(), randoms.toString());
        } finally {
            clones.forEach(RunningProcess::close);
        }
    }

    @Test
    void endsWithTheStatusTheApplicationGives() {
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            restored.send("exit 7");
            restored.mustExit(7);
            assertEquals(List.of("shutdown hook ran"), restored.output());
        }
    }

    /** A JVM whose parent ignores a signal, as nohup and background jobs do, ignores it too. */
    @ParameterizedTest
    @CsvSource({"TERM, 15", "INT, 2", "HUP, 1"})
    void signalsRunTheShutdownHooks(String signal, int number) {
        assumeFalse(ProcessState.ignoresSignal(ProcessHandle.current().pid(), number), signal + " is ignored here");
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            restored.send("report");
            assertReports(restored, restored.pid());
            restored.signal(signal);
            restored.awaitLine("shutdown hook ran");
            restored.mustExit(128 + number);
        }
    }

    @Test
    void hasTheLaunchersStandardStreams() throws IOException {
        Path output = files.resolve("out");
        Path errors = files.resolve("err");
        Path input = Files.writeString(files.resolve("in"), "report\nerror\nexit 3\n");
        String line = "exec '%s' restore '%s' <'%s' >'%s' 2>'%s'"
                .formatted(Artefacts.THAW, snapshots.path(), input, output, errors);
        try (RunningProcess restored = RunningProcess.start(List.of("sh", "-c", line))) {
            restored.mustExit(3);
            List<String> written = Files.readAllLines(output);
            assertTrue(written.get(0).matches(REPORT), written.toString());
            assertEquals("shutdown hook ran", written.get(1));
            assertEquals(List.of("on stderr"), Files.readAllLines(errors));
            assertEquals(List.of(), restored.output());
        }
    }

    @Test
    void takesPropertiesOfTheRestore() {
        try (RunningProcess restored = ThawCommand.restore(snapshots.path(), "-Dcolour=blue", "-Dempty=",
                "-Dwith.equals=a=b c")) {
            for (String[] expected : new String[][] {
                    {"colour", "blue"}, {"empty", ""}, {"with.equals", "a=b c"}, {"absent", "null"}}) {
                // Set by the checkpointing thread before afterRestore; this application's main thread may be earlier.
                awaitProperty(restored, expected[0], expected[1]);
            }
        }
    }

    private static void awaitProperty(RunningProcess restored, String name, String value) {
        long deadline = System.nanoTime() + RunningProcess.DEADLINE.toNanos();
        String answer;
        do {
            restored.send("property " + name);
            answer = restored.awaitLine("property.*").group();
        } while (answer.equals("property null") && !value.equals("null") && System.nanoTime() < deadline);
        assertEquals("property " + value, answer);
    }

    @Test
    void runsAnotherMainClassWithArguments() {
        try (RunningProcess restored = ThawCommand.restore(snapshots.path(), "-Dhello.status=5", "--",
                "dev.thaw.apps.Hello", "one", "two words")) {
            assertEquals("hello [one, two words]", restored.awaitLine("hello .*").group());
            restored.mustExit(5);
        }
    }

    @Test
    void isPidOneOfANewPidNamespace() {
        List<String> unshare = new ArrayList<>(List.of("unshare", "--pid", "--fork", "--kill-child", "--mount-proc"));
        if (!OtherUser.isRoot()) {
            unshare.addAll(List.of("--user", "--map-current-user"));
        }
        List<String> probe = new ArrayList<>(unshare);
        probe.add("true");
        assumeTrue(Completed.run(probe).status() == 0, "no pid namespaces here");
        try (RunningProcess restored = ThawCommand.restore(unshare, snapshots.path())) {
            restored.send("report");
            assertReports(restored, 1);
            restored.send("exit 9");
            restored.mustExit(9);
        }
    }

    private static Matcher assertReports(RunningProcess app, long pid) {
        Matcher report = app.awaitLine(REPORT);
        for (int group = 1; group <= 4; group++) {
            assertEquals(Long.toString(pid), report.group(group), report.group());
        }
        return report;
    }
}
