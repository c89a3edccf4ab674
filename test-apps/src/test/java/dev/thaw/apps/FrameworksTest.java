// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.CheckpointReply;
import dev.thaw.apps.drive.Framework;
import dev.thaw.apps.drive.Http;
import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.Lifecycle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What people run, unmodified: started with the agent, warmed, checkpointed, restored, and that again. */
class FrameworksTest {
    private static final int WARM_UPS = 20;
    private static final int ECHO_BYTES = 1 << 16;
    /** What Helidon says of its health when it is up. */
    private static final int NO_CONTENT = 204;
    private static final Jcmd JCMD = Jcmd.ofThisJdk();

    private final SnapshotDirectory snapshots = SnapshotDirectory.create();
    private final int port = Http.freePort();

    @AfterEach
    void delete() {
        snapshots.close();
    }

    static List<Framework> spring() {
        return Framework.ALL.stream().filter(Framework::isSpring).toList();
    }

    static List<Framework> servers() {
        return Framework.ALL.stream().filter(framework -> !framework.isSpring()).toList();
    }

    @ParameterizedTest
    @MethodSource("servers")
    void servesAfterEachRestoreAndEndsCleanly(Framework framework) {
        try (RunningProcess original = framework.start(snapshots, port)) {
            assertEquals("hello", first(original, "/greeting"));
            warmUp(original, "/greeting");
            Lifecycle.checkpoint(original);
        }
        for (int clone = 0; clone < 2; clone++) {
            try (RunningProcess restored = ThawCommand.restore(snapshots.snapshot(1))) {
                assertEquals("hello", first(restored, "/greeting"));
                assertHealthy(framework, restored);
                Lifecycle.mustEndCleanly(restored);
            }
        }
        try (RunningProcess restored = ThawCommand.restore(snapshots.snapshot(1))) {
            assertEquals("hello", first(restored, "/greeting"));
            warmUp(restored, "/greeting");
            CheckpointReply reply = Lifecycle.checkpoint(restored);
            assertTrue(reply.isDelta() && snapshots.bytes(2) < snapshots.bytes(1) / 2, reply.text());
        }
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            assertEquals("hello", first(restored, "/greeting"));
            Lifecycle.mustEndCleanly(restored);
        }
    }

    static List<Framework> netty() {
        return Framework.ALL.stream().filter(framework -> framework.name().equals("netty")).toList();
    }

    @ParameterizedTest
    @MethodSource("netty")
    void nettyEchoesAfterEachRestore(Framework netty) {
        int echoPort = Http.freePort();
        try (RunningProcess original = netty.withArguments(Integer.toString(echoPort)).start(snapshots, port)) {
            first(original, "/greeting");
            assertEchoes(original, echoPort);
            Lifecycle.checkpoint(original);
        }
        for (int generation = 2; generation <= 3; generation++) {
            try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
                first(restored, "/greeting");
                assertEchoes(restored, echoPort);
                Lifecycle.checkpoint(restored);
            }
        }
        try (RunningProcess restored = ThawCommand.restore(snapshots.snapshot(3))) {
            first(restored, "/greeting");
            assertEchoes(restored, echoPort);
            Lifecycle.mustEndCleanly(restored);
        }
    }

    /** On one connection, in pieces of all sizes. */
    private static void assertEchoes(RunningProcess server, int port) {
        byte[] sent = new byte[ECHO_BYTES];
        new Random(port).nextBytes(sent);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout((int) RunningProcess.DEADLINE.toMillis());
            for (int bytes = 1; bytes <= ECHO_BYTES; bytes *= 2) {
                socket.getOutputStream().write(sent, 0, bytes);
                assertArrayEquals(Arrays.copyOf(sent, bytes), socket.getInputStream().readNBytes(bytes));
            }
            socket.shutdownOutput();
            assertEquals(-1, socket.getInputStream().read(), "the server has closed it, too");
        } catch (IOException e) {
            throw server.hang("did not echo: " + e);
        }
    }

    @ParameterizedTest
    @MethodSource("spring")
    void springServesItsDatabaseAfterEachRestoreAndEndsCleanly(Framework spring) {
        try (RunningProcess original = spring.start(snapshots, port)) {
            assertEquals("hello", first(original, "/greeting"));
            get(original, "/add?name=Ada");
            warmUp(original, "/customers");
            Lifecycle.checkpoint(original);
        }
        for (int clone = 0; clone < 2; clone++) {
            try (RunningProcess restored = ThawCommand.restore(snapshots.snapshot(1))) {
                assertSpringServes(restored, "Ada");
                Lifecycle.mustEndCleanly(restored);
            }
        }
        try (RunningProcess restored = ThawCommand.restore(snapshots.snapshot(1))) {
            assertSpringServes(restored, "Ada");
            get(restored, "/add?name=Grace");
            CheckpointReply reply = Lifecycle.checkpoint(restored);
            assertTrue(reply.isDelta(), reply.text());
            assertTrue(snapshots.bytes(2) < snapshots.bytes(1) / 2, reply.text());
        }
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            assertSpringServes(restored, "Ada", "Grace");
            Lifecycle.mustEndCleanly(restored);
        }
    }

    @ParameterizedTest
    @MethodSource("spring")
    void springChecksItselfOutOnRefresh(Framework spring) {
        try (RunningProcess original = spring.with("-Dspring.context.checkpoint=onRefresh").start(snapshots, port)) {
            original.mustExit(ThawCommand.CHECKPOINTED);
        }
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            assertSpringServes(restored);
            Lifecycle.mustEndCleanly(restored);
        }
    }

    /** The pool opens its connections again at once: the file is refused by name, and the application runs on. */
    @Test
    void aDatabaseFileThatThePoolKeepsOpenIsRefusedByName() {
        Framework spring = spring().get(0).with("-Dspring.datasource.url=jdbc:h2:file:" + snapshots.path() + "/db/db",
                "-Dspring.jpa.hibernate.ddl-auto=update");
        try (RunningProcess original = spring.start(snapshots, port)) {
            first(original, "/greeting");
            String refused = JCMD.run(original.pid(), "JDK.checkpoint").output();
            assertTrue(refused.contains("CheckpointOpenFileException: file open for writing " + snapshots.path()
                    + "/db/db.mv.db"), refused);
            assertSpringServes(original);
        }
        try (RunningProcess original = spring.with("-Dspring.datasource.hikari.allow-pool-suspension=true")
                .start(snapshots, port)) {
            first(original, "/greeting");
            get(original, "/add?name=Ada");
            Lifecycle.checkpoint(original);
        }
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            assertSpringServes(restored, "Ada");
            Lifecycle.mustEndCleanly(restored);
        }
    }

    /** Where the application has an endpoint for that. */
    private void assertHealthy(Framework framework, RunningProcess server) {
        switch (framework.name()) {
            case "micronaut" -> assertTrue(get(server, "/health").contains("\"status\":\"UP\""));
            case "helidon" -> assertEquals("", get(server, "/observe/health"));
            default -> { }
        }
    }

    private void assertSpringServes(RunningProcess spring, String... names) {
        assertEquals("hello", first(spring, "/greeting"));
        String health = get(spring, "/actuator/health");
        assertTrue(health.contains("\"status\":\"UP\""), health);
        String customers = get(spring, "/customers");
        for (String name : names) {
            assertTrue(customers.contains("\"name\":\"" + name + "\""), customers);
        }
    }

    private void warmUp(RunningProcess server, String path) {
        for (int i = 0; i < WARM_UPS; i++) {
            get(server, path);
        }
    }

    private String first(RunningProcess server, String path) {
        return body(server, path, Http.getFirst(server, port, path, RunningProcess.DEADLINE));
    }

    private String get(RunningProcess server, String path) {
        try {
            return body(server, path, Http.get(port, path));
        } catch (IOException e) {
            throw server.hang("did not answer " + path + ": " + e);
        }
    }

    private static String body(RunningProcess server, String path, Http.Answer answer) {
        if (answer.status() != 200 && answer.status() != NO_CONTENT) {
            throw server.failure("answered " + path + " with " + answer.status() + ": " + answer.body());
        }
        return answer.body();
    }
}
