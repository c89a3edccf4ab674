// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.drive;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One request, one connection, read to its end: when an answer is here, the server has closed its side,
 * and a checkpoint finds no connection.
 */
public final class Http {
    public record Answer(int status, String body) {}

    private static final Pattern LENGTH = Pattern.compile("\r\ncontent-length: (\\d+)", Pattern.CASE_INSENSITIVE);
    private static final int POLL_NANOS = 200_000;

    private Http() {}

    /**
     * A port nobody listens on, below the kernel's range for outgoing connections: there no connection takes
     * it between checkpoint and restore, nor can one that asks too early be connected to itself.
     */
    public static int freePort() {
        for (int attempt = 0; attempt < 1000; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(20_000, 32_000);
            try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return probe.getLocalPort();
            } catch (IOException e) {
                continue;
            }
        }
        throw new IllegalStateException("no free port between 20000 and 32000");
    }

    public static Answer get(int port, String path) throws IOException {
        try (Socket socket = new Socket()) {
            socket.setTcpNoDelay(true);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            socket.setSoTimeout((int) RunningProcess.DEADLINE.toMillis());
            String request = "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return parse(new String(readToItsEnd(socket), StandardCharsets.UTF_8));
        }
    }

    /** Helidon leaves it to the client to close first. */
    private static byte[] readToItsEnd(Socket socket) throws IOException {
        ByteArrayOutputStream response = new ByteArrayOutputStream();
        byte[] part = new byte[8192];
        boolean told = false;
        for (int n = socket.getInputStream().read(part); n >= 0; n = socket.getInputStream().read(part)) {
            response.write(part, 0, n);
            if (!told && isWhole(response.toString(StandardCharsets.ISO_8859_1))) {
                socket.shutdownOutput();
                told = true;
            }
        }
        return response.toByteArray();
    }

    private static boolean isWhole(String response) {
        Matcher length = LENGTH.matcher(response);
        int head = response.indexOf("\r\n\r\n");
        return head >= 0 && length.find() && response.length() >= head + 4 + Integer.parseInt(length.group(1));
    }

    /** Asks until somebody answers, and until that answer is read to its end. */
    public static Answer getFirst(RunningProcess server, int port, String path, Duration deadline) {
        long end = System.nanoTime() + deadline.toNanos();
        while (true) {
            try {
                return get(port, path);
            } catch (IOException e) {
                if (!server.isAlive()) {
                    server.awaitExit();
                    throw server.failure("ended before it answered: " + e.getMessage());
                }
                if (System.nanoTime() > end) {
                    throw server.hang("no answer within " + deadline.toSeconds() + " s: " + e.getMessage());
                }
                LockSupport.parkNanos(POLL_NANOS);
            }
        }
    }

    private static Answer parse(String response) throws IOException {
        int head = response.indexOf("\r\n\r\n");
        String[] first = response.split("[ \r]", 3);
        if (head < 0 || first.length < 3) {
            throw new IOException("not a whole answer: '" + response + "'");
        }
        return new Answer(Integer.parseInt(first[1]), response.substring(head + 4).strip());
    }
}
