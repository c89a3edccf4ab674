// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.Artefacts;
import dev.thaw.apps.drive.CheckpointReply;
import dev.thaw.apps.drive.Framework;
import dev.thaw.apps.drive.Http;
import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.Lifecycle;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Applications that are no web servers, or keep files: as FrameworksTest, and what is particular to each. */
class ApplicationsTest {
    private static final int WARM_UPS = 20;
    private static final Jcmd JCMD = Jcmd.ofThisJdk();

    private final SnapshotDirectory snapshots = SnapshotDirectory.create();
    private final SnapshotDirectory files = SnapshotDirectory.create();
    private final int port = Http.freePort();

    @AfterEach
    void delete() {
        snapshots.close();
        files.close();
    }

    @Test
    void grpcServesAfterEachRestoreOnceItsClientHasDisconnected() {
        try (RunningProcess client = grpcClient()) {
            try (RunningProcess original = Framework.GRPC.start(snapshots, port)) {
                original.awaitLine("listening on " + port);
                for (int i = 0; i < WARM_UPS; i++) {
                    greet(client, "Ada " + i);
                }
                String refused = JCMD.run(original.pid(), "JDK.checkpoint").output();
                assertTrue(refused.contains("CheckpointOpenSocketException: established TCP connection"), refused);
                assertTrue(refused.contains(":" + port), refused);
                greet(client, "Grace");
                disconnect(client, original);
                Lifecycle.checkpoint(original);
            }
            for (int clone = 0; clone < 2; clone++) {
                try (RunningProcess restored = ThawCommand.restore(snapshots.snapshot(1))) {
                    greet(client, "clone " + clone);
                    disconnect(client, restored);
                    endsByHook(restored);
                }
            }
            try (RunningProcess restored = ThawCommand.restore(snapshots.snapshot(1))) {
                greet(client, "restored");
                disconnect(client, restored);
                assertSmallDelta(Lifecycle.checkpoint(restored));
            }
            try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
                greet(client, "restored from the delta");
                endsByHook(restored);
            }
        }
    }

    private RunningProcess grpcClient() {
        return RunningProcess.start(List.of(Artefacts.java(), "-cp", Framework.GRPC.built().toString(),
                "com.example.HelloWorldClient", Integer.toString(port)));
    }

    private static void greet(RunningProcess client, String name) {
        client.send(name);
        assertEquals("Hello " + name, client.awaitLine("Greeting: (.*)|RPC failed.*").group(1));
    }

    private void disconnect(RunningProcess client, RunningProcess server) {
        client.send("disconnect");
        client.awaitLine("disconnected");
        Lifecycle.awaitNoConnection(server, port);
    }

    private static void endsByHook(RunningProcess grpc) {
        Lifecycle.mustEndCleanly(grpc);
        grpc.awaitLine("server shut down");
    }

    @Test
    void anOpenIndexAnswersAndAClosedDatabaseIsOpenAgain() {
        Framework search = Framework.SEARCH.withArguments(files.path().toString());
        try (RunningProcess original = search.start(snapshots, port)) {
            assertFinds(original);
            get(original, "/visit?Ada");
            for (int i = 0; i < WARM_UPS; i++) {
                get(original, "/visits");
            }
            Lifecycle.checkpoint(original);
        }
        for (int clone = 0; clone < 2; clone++) {
            try (RunningProcess restored = ThawCommand.restore(snapshots.snapshot(1))) {
                assertFinds(restored);
                assertEquals("Ada", get(restored, "/visits"));
                Lifecycle.mustEndCleanly(restored);
            }
        }
        try (RunningProcess restored = ThawCommand.restore(snapshots.snapshot(1))) {
            assertFinds(restored);
            get(restored, "/visit?Grace");
            assertSmallDelta(Lifecycle.checkpoint(restored));
        }
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            assertFinds(restored);
            assertEquals("Ada Grace", get(restored, "/visits"));
            Lifecycle.mustEndCleanly(restored);
        }
    }

    /** Of 0 to 19999: the odd ones that leave 2 when divided by 3; the index is memory mapped. */
    private void assertFinds(RunningProcess search) {
        assertEquals("3333 from 5 is 1of2 2of3 1of4 0of5 5of6 5of7 5of8 5of9 in MMapDirectory",
                get(search, "/search?1of2+2of3"));
    }

    private void assertSmallDelta(CheckpointReply reply) {
        assertTrue(reply.isDelta() && snapshots.bytes(2) < snapshots.bytes(1) / 2, reply.text());
    }

    private String get(RunningProcess server, String path) {
        Http.Answer answer = Http.getFirst(server, port, path, RunningProcess.DEADLINE);
        if (answer.status() != 200) {
            throw server.failure("answered " + path + " with " + answer.status() + ": " + answer.body());
        }
        return answer.body();
    }
}
