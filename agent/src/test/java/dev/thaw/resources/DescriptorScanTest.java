// SPDX-License-Identifier: Apache-2.0
package dev.thaw.resources;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.Pipe;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What this process has open is seen as it is. */
class DescriptorScanTest {
    private static final long CHANGES = 30_000;

    @TempDir
    private Path folder;

    @Test
    void seesFilesWithPathIdentityAndAccess() throws IOException {
        Path path = Files.createFile(folder.toRealPath().resolve("a file"));
        try (FileChannel writing = FileChannel.open(path, StandardOpenOption.WRITE);
                FileChannel reading = FileChannel.open(path)) {
            List<OpenDescriptor> found = scan().stream().filter(open -> open.name().equals(path.toString())).toList();
            assertEquals(2, found.size());
            assertEquals(List.of(true, false), found.stream().map(OpenDescriptor::writable).toList());
            assertEquals(Files.getAttribute(path, "unix:ino"), found.get(0).ino());
            assertEquals(Files.getAttribute(path, "unix:dev"), found.get(0).dev());
            assertEquals(OpenDescriptor.Kind.FILE, found.get(0).kind());
            assertTrue(found.get(0).isRegularFile());
            assertTrue(writing.isOpen() && reading.isOpen());
        }
    }

    /** Each may be gone, or be another one, at each step. */
    @Test
    void descriptorsComeAndGoMeanwhile() throws Exception {
        Path path = Files.createFile(folder.resolve("often"));
        AtomicBoolean enough = new AtomicBoolean();
        AtomicLong rounds = new AtomicLong();
        Thread busy = Thread.ofPlatform().start(() -> {
            while (!enough.get()) {
                openAndClose(path);
                rounds.incrementAndGet();
            }
        });
        try {
            while (rounds.get() < CHANGES) {
                scan();
            }
        } finally {
            enough.set(true);
            busy.join();
        }
    }

    private static void openAndClose(Path path) {
        try (FileChannel file = FileChannel.open(path); ServerSocketChannel socket = ServerSocketChannel.open()) {
            assertTrue(file.isOpen() && socket.isOpen());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void seesBothEndsOfAConnectionAndTheListener() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
                Socket accepted = server.accept()) {
            SocketName listener = named(server.getLocalPort(), true);
            assertNull(listener.remote());
            assertTrue(((InetSocketAddress) listener.local()).getAddress() instanceof Inet4Address, listener.toString());
            SocketName connected = named(client.getLocalPort(), false);
            assertEquals(server.getLocalSocketAddress(), connected.remote());
            assertEquals("tcp local 127.0.0.1:" + client.getLocalPort() + " remote 127.0.0.1:" + server.getLocalPort(),
                    connected.description());
            assertEquals(client.getLocalSocketAddress(), named(server.getLocalPort(), false).remote());
            assertTrue(accepted.isBound());
        }
    }

    @Test
    void seesTheWildcardOfBothFamilies() throws IOException {
        try (ServerSocketChannel server = ServerSocketChannel.open().bind(new InetSocketAddress(0))) {
            assertTrue(named(((InetSocketAddress) server.getLocalAddress()).getPort(), true).isLocalWildcardOfBoth());
        }
    }

    @Test
    void seesUnixSocketsPipesAndSelectors() throws IOException {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(folder.resolve("socket"));
        try (ServerSocketChannel server = ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX).bind(address);
                Selector selector = Selector.open()) {
            Pipe pipe = Pipe.open();
            List<OpenDescriptor> found = scan();
            assertTrue(found.stream().anyMatch(open -> open.socket() != null && open.socket().listening()
                    && address.equals(open.socket().local())), found.toString());
            assertTrue(found.stream().anyMatch(open -> open.kind() == OpenDescriptor.Kind.PIPE), found.toString());
            assertTrue(found.stream().anyMatch(open -> open.kind() == OpenDescriptor.Kind.OTHER
                    && open.description().equals("unknown: anon_inode:[eventpoll]")), found.toString());
            pipe.sink().close();
            pipe.source().close();
            assertTrue(server.isOpen() && selector.isOpen());
        }
    }

    @Test
    void decodesNamesOutsideTheFileSystem() throws IOException {
        byte[] address = {1, 0, 0, 'a', 'b'};
        assertEquals(UnixDomainSocketAddress.of("@ab"), SocketCalls.decode(address));
        assertEquals(UnixDomainSocketAddress.of(""), SocketCalls.decode(new byte[] {1, 0}));
        assertNull(SocketCalls.decode(new byte[] {16, 0, 0, 0}));
    }

    @Test
    void neverShowsTheStandardStreams() throws IOException {
        assertFalse(scan().stream().anyMatch(open -> open.fd() <= 2));
    }

    private static List<OpenDescriptor> scan() throws IOException {
        return new DescriptorScan().scan();
    }

    private static SocketName named(int port, boolean listening) throws IOException {
        return scan().stream().map(OpenDescriptor::socket)
                .filter(socket -> socket != null && socket.local() instanceof InetSocketAddress local
                        && local.getPort() == port && socket.listening() == listening)
                .findFirst().orElseThrow();
    }
}
