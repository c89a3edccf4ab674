// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.scenario;

import static dev.thaw.apps.scenario.Scenarios.awaitBlockedIn;
import static dev.thaw.apps.scenario.Scenarios.end;
import static dev.thaw.apps.scenario.Scenarios.expect;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Threads, virtual and not, and pending operations, that wait for something when a checkpoint is made. */
public final class WaitingThreads {
    private static final int DEADLINE_S = 30;

    private WaitingThreads() {}

    /** {@code FILE}: text to read. */
    public static void main(String[] args) throws IOException {
        Scenarios scenarios = new Scenarios();
        for (boolean virtual : new boolean[] {false, true}) {
            String kind = virtual ? " in a virtual thread" : "";
            scenarios.add("accept" + kind, new Accept(virtual));
            scenarios.add("accept with a limit" + kind, new AcceptWithLimit(virtual));
            scenarios.add("channel accept" + kind, new ChannelAccept(virtual));
            scenarios.add("pipe read" + kind, new PipeRead(virtual));
        }
        scenarios.add("asynchronous accept", new AsynchronousAccept());
        scenarios.add("asynchronous file", new AsynchronousFile(Path.of(args[0])));
        scenarios.add("pipes of an ended process", new EndedProcess());
        scenarios.obey();
    }

    /** A thread with a result. */
    private static final class Task {
        private final Thread thread;
        private volatile Object result;

        Task(boolean virtual, Callable<Object> body) {
            Runnable task = () -> run(body);
            thread = virtual ? Thread.ofVirtual().unstarted(task) : Thread.ofPlatform().daemon().unstarted(task);
            thread.start();
        }

        private void run(Callable<Object> body) {
            try {
                result = body.call();
            } catch (Exception e) {
                result = e;
            }
        }

        Object result() throws InterruptedException {
            end(thread);
            return result;
        }
    }

    private static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private static int readOnce(Socket socket) throws IOException {
        try (socket) {
            return socket.getInputStream().read();
        }
    }

    private static void send(InetSocketAddress address, int octet) throws IOException {
        try (Socket client = new Socket(address.getAddress(), address.getPort())) {
            client.getOutputStream().write(octet);
        }
    }

    private static final class Accept implements Scenario {
        private final boolean virtual;
        private ServerSocket server;
        private Task task;

        Accept(boolean virtual) {
            this.virtual = virtual;
        }

        @Override
        public void arm() throws IOException {
            server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
            task = new Task(virtual, () -> readOnce(server.accept()));
            awaitBlockedIn("accept", task.thread);
        }

        @Override
        public void check() throws Exception {
            send((InetSocketAddress) server.getLocalSocketAddress(), 5);
            expect(5, task.result());
            server.close();
        }
    }

    private static final class AcceptWithLimit implements Scenario {
        private final boolean virtual;
        private ServerSocket server;
        private Task task;

        AcceptWithLimit(boolean virtual) {
            this.virtual = virtual;
        }

        @Override
        public void arm() throws IOException {
            server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
            server.setSoTimeout(1500);
            task = new Task(virtual, server::accept);
            awaitBlockedIn("accept", task.thread);
        }

        @Override
        public void check() throws Exception {
            expect(SocketTimeoutException.class, task.result().getClass());
            server.close();
        }
    }

    private static final class ChannelAccept implements Scenario {
        private final boolean virtual;
        private ServerSocketChannel server;
        private Task task;

        ChannelAccept(boolean virtual) {
            this.virtual = virtual;
        }

        @Override
        public void arm() throws IOException {
            server = ServerSocketChannel.open().bind(anyPort());
            task = new Task(virtual, () -> {
                try (SocketChannel channel = server.accept()) {
                    ByteBuffer bytes = ByteBuffer.allocate(1);
                    channel.read(bytes);
                    return (int) bytes.get(0);
                }
            });
            awaitBlockedIn("accept", task.thread);
        }

        @Override
        public void check() throws Exception {
            send((InetSocketAddress) server.getLocalAddress(), 6);
            expect(6, task.result());
            server.close();
        }
    }

    private static final class PipeRead implements Scenario {
        private final boolean virtual;
        private Pipe pipe;
        private Task task;

        PipeRead(boolean virtual) {
            this.virtual = virtual;
        }

        @Override
        public void arm() throws IOException {
            pipe = Pipe.open();
            task = new Task(virtual, () -> {
                ByteBuffer bytes = ByteBuffer.allocate(1);
                pipe.source().read(bytes);
                return (int) bytes.get(0);
            });
            awaitBlockedIn("read", task.thread);
        }

        @Override
        public void check() throws Exception {
            pipe.sink().write(ByteBuffer.wrap(new byte[] {8}));
            expect(8, task.result());
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
