// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.scenario;

import static dev.thaw.apps.scenario.Scenarios.expect;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Threads, virtual and not, and pending operations, that wait for something when a checkpoint is made. */
public final class WaitingThreads {
    private static final int DEADLINE_S = 30;
    private static final int LIMIT_MS = 1500;

    private WaitingThreads() {}

    /** {@code FILE}: text to read. */
    public static void main(String[] args) throws IOException {
        Scenarios scenarios = new Scenarios();
        for (boolean virtual : new boolean[] {false, true}) {
            String kind = virtual ? " in a virtual thread" : "";
            scenarios.add("accept" + kind, new Waiting<>(virtual, "accept", () -> server(0),
                    server -> readOnce(server.accept()), server -> send(server.getLocalSocketAddress(), 5), 5));
            scenarios.add("accept with a limit" + kind, new Waiting<>(virtual, "accept", () -> server(LIMIT_MS),
                    WaitingThreads::acceptInTime, server -> { }, "too late"));
            scenarios.add("channel accept" + kind, new Waiting<>(virtual, "accept",
                    () -> ServerSocketChannel.open().bind(anyPort()), WaitingThreads::acceptAndRead,
                    server -> send(server.getLocalAddress(), 6), 6));
            scenarios.add("pipe read" + kind, new Waiting<>(virtual, "read", () -> new Ends(Pipe.open()),
                    ends -> read(ends.pipe().source()),
                    ends -> ends.pipe().sink().write(ByteBuffer.wrap(new byte[] {8})), 8));
        }
        scenarios.add("asynchronous accept", new AsynchronousAccept());
        scenarios.add("asynchronous file", new AsynchronousFile(Path.of(args[0])));
        scenarios.add("pipes of an ended process", new EndedProcess());
        scenarios.obey();
    }

    private static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private static ServerSocket server(int limitMs) throws IOException {
        ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        server.setSoTimeout(limitMs);
        return server;
    }

    private static String acceptInTime(ServerSocket server) throws IOException {
        try (Socket socket = server.accept()) {
            return "accepted " + socket;
        } catch (SocketTimeoutException e) {
            return "too late";
        }
    }

    private static int acceptAndRead(ServerSocketChannel server) throws IOException {
        try (SocketChannel channel = server.accept()) {
            return read(channel);
        }
    }

    private static int read(ReadableByteChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(1);
        channel.read(bytes);
        return bytes.get(0);
    }

    private static int readOnce(Socket socket) throws IOException {
        try (socket) {
            return socket.getInputStream().read();
        }
    }

    private static void send(SocketAddress address, int octet) throws IOException {
        try (Socket client = new Socket()) {
            client.connect(address);
            client.getOutputStream().write(octet);
        }
    }

    /** A pipe's two ends. */
    private record Ends(Pipe pipe) implements Closeable {
        @Override
        public void close() throws IOException {
            pipe.sink().close();
            pipe.source().close();
        }
    }

    /** Waits in a thread of the default group, which polls an epoll of its own. */
    private static final class AsynchronousAccept implements Scenario {
        private AsynchronousServerSocketChannel server;
        private Future<AsynchronousSocketChannel> accepting;

        @Override
        public void arm() throws IOException {
            server = AsynchronousServerSocketChannel.open().bind(anyPort());
            accepting = server.accept();
        }

        @Override
        public void check() throws Exception {
            try (AsynchronousSocketChannel client = AsynchronousSocketChannel.open()) {
                client.connect(server.getLocalAddress()).get(DEADLINE_S, TimeUnit.SECONDS);
                try (AsynchronousSocketChannel accepted = accepting.get(DEADLINE_S, TimeUnit.SECONDS)) {
                    ByteBuffer bytes = ByteBuffer.allocate(1);
                    Future<Integer> reading = accepted.read(bytes);
                    client.write(ByteBuffer.wrap(new byte[] {9})).get(DEADLINE_S, TimeUnit.SECONDS);
                    expect(1, reading.get(DEADLINE_S, TimeUnit.SECONDS));
                    expect((byte) 9, bytes.get(0));
                }
            }
            server.close();
        }
    }

    private static final class AsynchronousFile implements Scenario {
        private final Path path;
        private AsynchronousFileChannel channel;

        AsynchronousFile(Path path) {
            this.path = path;
        }

        @Override
        public void arm() throws IOException {
            channel = AsynchronousFileChannel.open(path, StandardOpenOption.READ);
        }

        @Override
        public void check() throws Exception {
            ByteBuffer bytes = ByteBuffer.allocate(4);
            expect(4, channel.read(bytes, 2).get(DEADLINE_S, TimeUnit.SECONDS));
            expect("text", new String(bytes.array()));
            channel.close();
        }
    }

    /** What a process wrote is read after it has ended, and after a restore. */
    private static final class EndedProcess implements Scenario {
        private Process process;

        @Override
        public void arm() throws Exception {
            process = new ProcessBuilder("sh", "-c", "echo written; echo wrong >&2; exit 3").start();
            process.waitFor();
        }

        @Override
        public void check() throws IOException {
            expect("written", process.inputReader().readLine());
            expect("wrong", process.errorReader().readLine());
            expect(3, process.exitValue());
            process.outputWriter().close();
        }
    }
}
