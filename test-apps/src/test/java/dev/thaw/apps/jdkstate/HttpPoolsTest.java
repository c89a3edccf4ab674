// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.jdkstate;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.thaw.apps.drive.RunningProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Idle connections of the JDK's HTTP clients are closed before a checkpoint. */
class HttpPoolsTest {
    private HttpServer server;
    private String url;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.getResponseHeaders().set("Connection", "keep-alive");
            exchange.getResponseHeaders().set("Keep-Alive", "timeout=" + RunningProcess.DEADLINE.toSeconds());
            exchange.sendResponseHeaders(200, 2);
            exchange.getResponseBody().write("hi".getBytes());
            exchange.close();
        });
        server.start();
        url = "http://localhost:" + server.getAddress().getPort() + "/";
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @ParameterizedTest
    @CsvSource({"http1", "client", "connection"})
    void requestsGoOnAfterTheRestore(String kind) {
        try (Clones clones = requested(null, kind, url)) {
            clones.checkpoint();
            try (RunningProcess restored = clones.restore()) {
                Clones.ask(restored, kind + " " + url, "read hi.*");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"http1, HttpClientImpl", "connection, KeepAliveCache"})
    void withoutThePatchTheConnectionRefusesTheCheckpoint(String kind, String patch) {
        try (Clones clones = requested(patch, kind, url)) {
            String refusal = clones.refusal();
            assertTrue(refusal.contains(":" + server.getAddress().getPort()), refusal);
        }
    }

    @Test
    void aConnectionOfTheSecondVersionIsClosedToo() throws IOException {
        try (Http2Server second = new Http2Server()) {
            try (Clones clones = requested(null, "client", second.url())) {
                clones.checkpoint();
                try (RunningProcess restored = clones.restore()) {
                    Clones.ask(restored, "client " + second.url(), "read .* by HTTP_2");
                }
            }
            try (Clones clones = requested("HttpClientImpl", "client", second.url())) {
                String refusal = clones.refusal();
                assertTrue(refusal.contains(":" + second.port()), refusal);
            }
        }
    }

    private static Clones requested(String patch, String kind, String url) {
        Clones clones = new Clones(patch, "HttpPools");
        clones.original().awaitLine("ready");
        clones.ask(kind + " " + url, "read .*");
        return clones;
    }
}
