// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.jdkstate;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** As much of HTTP/2 (RFC 9113, 7540 for the upgrade) as one request without a body needs; keeps the connection open. */
final class Http2Server implements AutoCloseable {
    private static final String UPGRADE = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";
    private static final int PREFACE_BYTES = 24;
    private static final byte[] SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0};
    /** Of stream 1, its last: the static table's entry 8, ":status: 200". */
    private static final byte[] ANSWER = {0, 0, 1, 1, 5, 0, 0, 0, 1, (byte) 0x88};

    private final ServerSocket listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());

    Http2Server() throws IOException {
        start(this::accept);
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "http2 server");
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return listener.getLocalPort();
    }

    String url() {
        return "http://localhost:" + port() + "/";
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                start(() -> answer(socket));
            }
        } catch (IOException e) {
            return; // closed
        }
    }

    private static void answer(Socket socket) {
        try (socket) {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            OutputStream out = socket.getOutputStream();
            StringBuilder request = new StringBuilder();
            while (request.indexOf("\r\n\r\n") < 0) {
                request.append((char) in.readByte());
            }
            out.write(UPGRADE.getBytes(StandardCharsets.US_ASCII));
            in.readFully(new byte[PREFACE_BYTES]);
            out.write(SETTINGS);
            out.write(ANSWER);
            in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            return;
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
