// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.scenario;

import static dev.thaw.apps.scenario.Scenarios.awaitBlockedIn;
import static dev.thaw.apps.scenario.Scenarios.expect;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;

/** Datagram channels and sockets that wait for a datagram when a checkpoint is made, or have told their kernel a peer. */
public final class Datagrams {
    private Datagrams() {}

    public static void main(String[] args) throws IOException {
        Scenarios scenarios = new Scenarios();
        for (boolean virtual : new boolean[] {false, true}) {
            String kind = virtual ? " in a virtual thread" : "";
            scenarios.add("channel receive" + kind, new Waiting<>(virtual, "receive", Datagrams::bound, Datagrams::receive,
                    channel -> send(channel.getLocalAddress(), 3), 3));
            scenarios.add("socket receive" + kind, new Waiting<>(virtual, "receive", Datagrams::socket, Datagrams::receive,
                    socket -> send(socket.getLocalSocketAddress(), 4), 4));
        }
        scenarios.add("selected channel", new SelectedChannel());
        scenarios.add("connected channels", new ConnectedChannels());
        scenarios.obey();
    }

    private static DatagramChannel bound() throws IOException {
        return DatagramChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    private static int receive(DatagramChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(8);
        SocketAddress from = channel.receive(bytes);
        return from == null ? -1 : bytes.get(0);
    }

    private static DatagramSocket socket() throws IOException {
        return new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    private static int receive(DatagramSocket socket) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[8], 8);
        socket.receive(packet);
        return packet.getData()[0];
    }

    private static void send(SocketAddress to, int octet) throws IOException {
        try (DatagramChannel client = bound()) {
            client.send(ByteBuffer.wrap(new byte[] {(byte) octet}), to);
        }
    }

    private static final class SelectedChannel implements Scenario {
        private Selector selector;
        private DatagramChannel channel;
        private SelectionKey key;
        private Task task;

        @Override
        public void arm() throws IOException {
            selector = Selector.open();
            channel = bound();
            channel.configureBlocking(false);
            key = channel.register(selector, SelectionKey.OP_READ, "attached");
            task = new Task(false, selector::select);
            awaitBlockedIn("select", task.thread());
        }

        @Override
        public void check() throws Exception {
            expect(-1, receive(channel));
            send(channel.getLocalAddress(), 5);
            expect(1, task.result());
            expect(true, selector.selectedKeys().remove(key) && key.isReadable());
            expect("attached", key.attachment());
            expect(5, receive(channel));
            key.interestOps(SelectionKey.OP_WRITE);
            expect(1, selector.select());
            expect(true, key.isWritable());
            channel.close();
            expect(0, selector.selectNow());
            selector.close();
        }
    }

    /** Two that know each other only: what a third sends does not arrive. */
    private static final class ConnectedChannels implements Scenario {
        private DatagramChannel one;
        private DatagramChannel other;

        @Override
        public void arm() throws IOException {
            one = bound();
            other = bound();
            one.connect(other.getLocalAddress());
            other.connect(one.getLocalAddress());
        }

        @Override
        public void check() throws Exception {
            expect(other.getLocalAddress(), one.getRemoteAddress());
            send(other.getLocalAddress(), 6);
            one.write(ByteBuffer.wrap(new byte[] {7}));
            expect(7, receive(other));
            other.write(ByteBuffer.wrap(new byte[] {8}));
            expect(8, receive(one));
            one.close();
            other.close();
        }
    }
}
