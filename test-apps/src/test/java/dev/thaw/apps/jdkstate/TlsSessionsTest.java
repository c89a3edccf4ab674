// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.jdkstate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.Tls;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clones share no TLS session: who comes with an old one gets a full handshake, and is served. */
class TlsSessionsTest {
    private static final String PATCH = "SSLSessionContextImpl";

    @TempDir
    private Path folder;
    private Path key;

    @BeforeEach
    void makeKey() {
        key = Tls.newKey(folder);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void aClientsOldTicketLeadsToAFullHandshake(String protocol) throws IOException {
        connectAcross(null, protocol, false);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void withoutThePatchAllClonesTakeIt(String protocol) throws IOException {
        connectAcross(PATCH, protocol, true);
    }

    private void connectAcross(String patch, String protocol, boolean resumedByClones) throws IOException {
        Tls client = Tls.of(key);
        try (Clones clones = new Clones(patch, "TlsPeer", key.toString())) {
            int port = Integer.parseInt(clones.original().awaitLine("port ([0-9]+)").group(1));
            clones.original().awaitLine("ready");
            client.connect(protocol, port);
            assertEquals(true, client.connect(protocol, port), "resumption works at all");
            clones.checkpoint();
            try (RunningProcess one = clones.restore()) {
                assertEquals(resumedByClones, client.connect(protocol, port), "with the ticket of the original");
                assertEquals(true, client.connect(protocol, port), "with a ticket of its own");
                one.kill();
            }
            try (RunningProcess other = clones.restore()) {
                assertEquals(resumedByClones, client.connect(protocol, port), "with the ticket of another clone");
                assertEquals(true, client.connect(protocol, port), "with a ticket of its own");
                other.kill();
            }
        }
    }

    @Test
    void aRestoredClientDoesNotComeWithAnOldTicket() throws IOException {
        connectFrom(null, false);
    }

    @Test
    void withoutThePatchItDoes() throws IOException {
        connectFrom(PATCH, true);
    }

    private void connectFrom(String patch, boolean resumed) throws IOException {
        String command = "connect TLSv1.3 " + Tls.of(key).serve();
        try (Clones clones = new Clones(patch, "TlsPeer", key.toString())) {
            clones.original().awaitLine("ready");
            clones.ask(command, "resumed false");
            clones.ask(command, "resumed true");
            clones.checkpoint();
            try (RunningProcess restored = clones.restore()) {
                Clones.ask(restored, command, "resumed " + resumed);
                Clones.ask(restored, command, "resumed true");
            }
        }
    }
}
