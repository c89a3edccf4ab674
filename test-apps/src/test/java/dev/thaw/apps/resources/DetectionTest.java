// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.resources;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.harness.Peer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What keeps an application from being checkpointed is told with what is needed to find it in the code. */
class DetectionTest {
    private static final String TRACES = "-Djdk.crac.collect-fd-stacktraces=true";
    private static final String HINT = "start the JVM with -Djdk.crac.collect-fd-stacktraces=true";

    @TempDir
    private Path folder;

    @Test
    void openFileDetectionNamesThePath() {
        Path file = folder.resolve("log");
        try (PolicyRun run = new PolicyRun(List.of())) {
            run.start("w=write:" + file);
            run.assertRefused("CheckpointOpenFileException", file.toString(), HINT);
        }
    }

    @Test
    void openSocketDetectionNamesBothAddresses() {
        try (Peer peer = new Peer(); PolicyRun run = new PolicyRun(List.of())) {
            String port = run.start("t=tcp:" + peer.port()).awaitLine("tcp from ([0-9]+)").group(1);
            run.assertRefused("CheckpointOpenSocketException", "127.0.0.1:" + port + " -> 127.0.0.1:" + peer.port(), HINT);
        }
    }

    @Test
    void dryRunTellsAllProblemsAtOnce() {
        Path file = folder.resolve("log");
        try (Peer peer = new Peer(); PolicyRun run = new PolicyRun(List.of())) {
            RunningProcess app = run.start("w=write:" + file, "t=tcp:" + peer.port());
            app.send("fail");
            app.awaitLine("will refuse");
            String reply = run.assertRefused("refused on purpose", "CheckpointOpenFileException", file.toString(),
                    "CheckpointOpenSocketException", "127.0.0.1:" + peer.port());
            assertTrue(reply.indexOf("refused on purpose") < reply.indexOf(file.toString()), reply);
            run.assertUse("w", "written");
            assertEquals(1, app.output().stream().filter("afterRestore"::equals).count());
        }
    }

    @Test
    void dryRunOfAResourceAloneFindsNothingElse() {
        try (PolicyRun run = new PolicyRun(List.of())) {
            RunningProcess app = run.start("s=server");
            app.send("fail");
            app.send("checkpoint");
            app.awaitLine("suppressed java.io.IOException: refused on purpose");
            app.awaitLine("caught CheckpointException with 1");
        }
    }

    @Test
    void stackTracesTellWhereThreadAndTime() {
        Path file = folder.resolve("log");
        try (Peer peer = new Peer(); PolicyRun run = new PolicyRun(List.of(TRACES))) {
            long before = System.currentTimeMillis();
            RunningProcess app = run.start("w=write:" + file, "t=tcp:" + peer.port());
            app.send("checkpoint");
            app.awaitLine("suppressed jdk.crac.impl.CheckpointOpenFileException: .*");
            String time = app.awaitLine("cause This file descriptor was created by main at epoch:([0-9]+) here").group(1);
            assertTrue(Long.parseLong(time) >= before && Long.parseLong(time) <= System.currentTimeMillis(), time);
            app.awaitLine("at dev.thaw.apps.resources.PolicyFiles.open\\(PolicyFiles.java:[0-9]+\\)");
            app.awaitLine("suppressed jdk.crac.impl.CheckpointOpenSocketException: .*");
            app.awaitLine("cause This file descriptor was created by main .*");
            app.awaitLine("at dev.thaw.apps.resources.PolicySockets.open\\(PolicySockets.java:[0-9]+\\)");
            app.awaitLine("caught CheckpointException with 2");
            assertFalse(app.output().toString().contains(HINT), app.output().toString());
        }
    }

    @Test
    void withoutThePatchThereAreNoStackTraces() {
        try (PolicyRun run = new PolicyRun(List.of(TRACES, "-Dthaw.patch.FileDescriptor=off"))) {
            RunningProcess app = run.start("w=write:" + folder.resolve("log"));
            app.send("checkpoint");
            app.awaitLine("caught CheckpointException with 1");
            assertFalse(app.output().stream().anyMatch(line -> line.startsWith("cause ")), app.output().toString());
        }
    }

    @Test
    void theOwnersOfEventpollEventfdAndNettysDescriptorsAreNamed() {
        assertEquals(List.of("[eventfd] dev.thaw.apps.resources.PolicyFiles", "[eventfd] sun.nio.ch.EPollSelectorImpl",
                "[eventpoll] sun.nio.ch.EPollSelectorImpl"), owners(List.of(), "s=selected-server", "e=eventfd"));
    }

    @ParameterizedTest
    @CsvSource({
        "EPollSelectorImpl, selected-server, [eventpoll] sun.nio.ch.EPollSelectorImpl",
        "EventFD, selected-server, [eventfd] sun.nio.ch.EPollSelectorImpl",
        "EPollPoller, virtual-server, [eventpoll] sun.nio.ch.EPollPoller",
        "EPollPort, asynchronous-server, [eventpoll] sun.nio.ch.EPollPort",
        "LinuxWatchService, watch:., inotify sun.nio.fs.LinuxWatchService",
        "NettyFileDescriptor, eventfd, [eventfd] dev.thaw.apps.resources.PolicyFiles",
    })
    void withoutItsPatchAnOwnerIsNotNamed(String patch, String thing, String owner) {
        List<String> named = owners(List.of(), "t=" + thing);
        assertTrue(named.contains(owner), named.toString());
        List<String> without = owners(List.of("-Dthaw.patch." + patch + "=off"), "t=" + thing);
        assertFalse(without.contains(owner), without.toString());
        assertTrue(without.stream().anyMatch(line -> line.startsWith(owner.split(" ")[0])), without.toString());
    }

    /** Of each kernel object that is refused, its kind and its owner; where that is not known, the whole sentence. */
    private List<String> owners(List<String> options, String... things) {
        try (PolicyRun run = new PolicyRun(folder).options(TRACES).options(options.toArray(String[]::new))) {
            run.rules("type: filedescriptor", "action: error");
            RunningProcess app = run.start(things);
            app.send("checkpoint");
            app.awaitLine("caught CheckpointException with [0-9]+");
            return app.output().stream().filter(line -> line.startsWith("suppressed ") && line.contains("anon_inode:"))
                    .map(line -> line.replaceFirst(".*anon_inode:", "").replaceFirst(" .*; it belongs to ", " "))
                    .sorted().toList();
        }
    }
}
