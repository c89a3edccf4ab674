// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.resources;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.harness.Peer;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Rules of type socket. */
class SocketPolicyTest extends PolicyFixture {
    @Test
    void closeTcpSocketLeavesADeadConnection() {
        try (Peer peer = new Peer()) {
            run.rules("type: socket", "family: ipv4", "remoteAddress: 127.0.0.1", "remotePort: " + peer.port(),
                    "action: close").start("t=tcp:" + peer.port());
            run.checkpointAndRestore();
            run.assertUse("t", "threw SocketException: Broken pipe");
        }
    }

    @Test
    void closeUnixSocketLeavesADeadConnection() throws IOException {
        Path path = folder.resolve("peer.sock");
        try (ServerSocketChannel peer = ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(path))) {
            run.rules("type: socket", "remotePath: " + folder + "/*.sock", "action: close").start("u=unix:" + path);
            run.checkpointAndRestore();
            run.assertUse("u", "threw IOException: Broken pipe");
            assertTrue(peer.isOpen());
        }
    }

    @Test
    void closeUdpSocketMakesEveryUseFail() {
        String port = run.start("d=udp").awaitLine("udp ([0-9]+)").group(1);
        run.rules("type: socket", "localPort: " + port, "listening: false", "action: close");
        run.checkpointAndRestore();
        run.assertUse("d", "threw SocketException: Bad file descriptor.*");
    }

    @Test
    void closeSocketThatListensFreesItsPort() {
        run.rules("type: socket", "listening: true", "action: close").start("s=server");
        run.checkpointAndRestore();
        run.assertUse("s", "threw ConnectException: Connection refused");
    }

    @Test
    void reopenListeningSocketServesAgain() {
        assertServesAgain("server");
    }

    @Test
    void reopenListeningSocketChannelServesAgain() {
        assertServesAgain("server-channel");
    }

    @Test
    void reopenListeningAsynchronousSocketChannelServesAgain() {
        assertServesAgain("asynchronous-server");
    }

    @Test
    void reopenListeningWithSelectorServesAgain() {
        assertServesAgain("selected-server");
    }

    /** CRaC ends the accept with an exception. */
    @Test
    void reopenListeningSocketServesAThreadThatWaitsInAccept() {
        assertServesAgain("blocked-server");
    }

    @Test
    void reopenListeningUnixSocketServesAgain() {
        Path path = folder.resolve("own.sock");
        run.rules("type: socket", "family: unix", "localPath: " + path, "action: reopen").start("u=unix-server:" + path);
        run.checkpointAndRestore();
        run.assertUse("u", "served 1");
    }

    @Test
    void reopenOfAConnectionIsNotThere() {
        try (Peer peer = new Peer()) {
            run.rules("type: socket", "action: reopen").start("t=tcp:" + peer.port());
            String reply = run.assertRefused("UnsupportedOperationException", "Reopen not implemented on sockets",
                    "127.0.0.1:" + peer.port());
            assertFalse(reply.contains("established"), reply);
        }
    }

    @Test
    void ignoreOfAConnectionIsRefusedByTheEngine() {
        try (Peer peer = new Peer()) {
            run.rules("type: socket", "action: ignore").start("t=tcp:" + peer.port());
            run.assertRefused("CheckpointOpenSocketException", "established TCP connection");
        }
    }

    @Test
    void errorRefusesAListenerThatWouldBeCarried() {
        String port = run.start("s=server").awaitLine("listening at ([0-9]+)").group(1);
        run.rules("type: socket", "localPort: " + port, "action: error");
        run.assertRefused("CheckpointOpenSocketException", "127.0.0.1:" + port, "its resource policy says error");
        run.assertUse("s", "served y");
    }

    private void assertServesAgain(String kind) {
        run.rules("type: socket", "localAddress: 127.0.0.1", "action: reopen").start("s=" + kind);
        run.assertUse("s", "served y");
        run.checkpointAndRestore();
        run.assertUse("s", "served y");
        run.assertUse("s", "served y");
    }
}
