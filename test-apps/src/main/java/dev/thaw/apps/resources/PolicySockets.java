// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.resources;

import dev.thaw.apps.resources.PolicyThings.Use;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.ByteChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;

/** Sockets: each listener tells its port when it is opened, and serves one client a use. */
final class PolicySockets {
    private static final int SECONDS = 30;

    private interface Acceptor {
        void acceptAndAnswer() throws Exception;
    }

    private PolicySockets() {}

    static Use open(String kind, String value) throws IOException {
        return switch (kind) {
            case "tcp" -> tcp(new Socket("127.0.0.1", Integer.parseInt(value)));
            case "udp" -> udp(new DatagramSocket(new InetSocketAddress("127.0.0.1", 0)));
            case "unix" -> channel(SocketChannel.open(UnixDomainSocketAddress.of(value)));
            case "unix-server" -> unixServer(UnixDomainSocketAddress.of(value));
            case "server" -> server(new ServerSocket(0, 5, InetAddress.getLoopbackAddress()));
            case "blocked-server" -> blockedServer(new ServerSocket(0, 5, InetAddress.getLoopbackAddress()));
            case "virtual-server" -> virtualServer(new ServerSocket(0, 5, InetAddress.getLoopbackAddress()));
            case "server-channel" -> serverChannel(ServerSocketChannel.open());
            case "asynchronous-server" -> asynchronousServer(AsynchronousServerSocketChannel.open());
            case "selected-server" -> selectedServer(ServerSocketChannel.open(), Selector.open());
            default -> throw new IllegalArgumentException(kind);
        };
    }

    private static Use tcp(Socket socket) {
        System.out.println("tcp from " + socket.getLocalPort());
        return () -> {
            int heard = socket.getInputStream().read();
            socket.getOutputStream().write('x');
            return "heard " + heard + ", written";
        };
    }

    private static Use channel(ByteChannel channel) {
        return () -> {
            int heard = channel.read(ByteBuffer.allocate(1));
            channel.write(ByteBuffer.wrap(new byte[] {'x'}));
            return "heard " + heard + ", written";
        };
    }

    private static Use udp(DatagramSocket socket) {
        System.out.println("udp " + socket.getLocalPort());
        return () -> {
            byte[] bytes = {'d'};
            socket.send(new DatagramPacket(bytes, 1, InetAddress.getLoopbackAddress(), socket.getLocalPort()));
            socket.setSoTimeout(SECONDS * 1000);
            DatagramPacket packet = new DatagramPacket(new byte[10], 10);
            socket.receive(packet);
            return "heard " + (char) packet.getData()[0];
        };
    }

    private static Use unixServer(UnixDomainSocketAddress address) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address);
        return () -> {
            try (SocketChannel client = SocketChannel.open(address); SocketChannel peer = server.accept()) {
                peer.write(ByteBuffer.wrap(new byte[] {'y'}));
                return "served " + client.read(ByteBuffer.allocate(1));
            }
        };
    }

    private static Use server(ServerSocket server) {
        return serve(server.getLocalSocketAddress(), () -> answer(server));
    }

    private static void answer(ServerSocket server) throws IOException {
        try (Socket peer = server.accept()) {
            peer.getOutputStream().write('y');
        }
    }

    /** A thread waits in accept all the time, and tells when it no longer can. */
    private static Use blockedServer(ServerSocket server) {
        Thread.ofPlatform().daemon().name("acceptor").start(() -> answerAll(server));
        return serve(server.getLocalSocketAddress(), () -> { });
    }

    /** Waits in the JDK's poller for virtual threads. */
    private static Use virtualServer(ServerSocket server) {
        Thread acceptor = Thread.ofVirtual().start(() -> answerAll(server));
        while (acceptor.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        return serve(server.getLocalSocketAddress(), () -> { });
    }

    private static void answerAll(ServerSocket server) {
        try {
            while (true) {
                answer(server);
            }
        } catch (IOException e) {
            System.out.println("accept ended: " + e.getMessage());
        }
    }

    private static Use serverChannel(ServerSocketChannel server) throws IOException {
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        return serve(server.getLocalAddress(), () -> {
            try (SocketChannel peer = server.accept()) {
                peer.write(ByteBuffer.wrap(new byte[] {'y'}));
            }
        });
    }

    private static Use asynchronousServer(AsynchronousServerSocketChannel server) throws IOException {
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        return serve(server.getLocalAddress(), () -> {
            try (var peer = server.accept().get(SECONDS, TimeUnit.SECONDS)) {
                peer.write(ByteBuffer.wrap(new byte[] {'y'})).get(SECONDS, TimeUnit.SECONDS);
            }
        });
    }

    private static Use selectedServer(ServerSocketChannel server, Selector selector) throws IOException {
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)).configureBlocking(false);
        server.register(selector, SelectionKey.OP_ACCEPT);
        return serve(server.getLocalAddress(), () -> {
            if (selector.select(SECONDS * 1000L) == 0) {
                throw new IOException("not selected");
            }
            selector.selectedKeys().clear();
            try (SocketChannel peer = server.accept()) {
                peer.write(ByteBuffer.wrap(new byte[] {'y'}));
            }
        });
    }

    /** A client of its own connects, and must be answered. */
    private static Use serve(SocketAddress address, Acceptor acceptor) {
        int port = ((InetSocketAddress) address).getPort();
        System.out.println("listening at " + port);
        return () -> {
            try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
                client.setSoTimeout(SECONDS * 1000);
                acceptor.acceptAndAnswer();
                return "served " + (char) client.getInputStream().read();
            }
        };
    }
}
