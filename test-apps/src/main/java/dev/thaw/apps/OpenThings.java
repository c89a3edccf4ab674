// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import dev.thaw.apps.drive.Http;
import java.io.BufferedReader;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.RandomAccessFile;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.List;

/**
 * Opens what its arguments name, {@code KIND[=VALUE]} each, and keeps it open.
 *
 * <p>Commands on stdin: {@code use} proves that each is still usable and tells what it found;
 * {@code close} closes all; {@code ping}.
 */
public final class OpenThings {
    private interface Use {
        String use() throws Exception;
    }

    private final List<AutoCloseable> open = new ArrayList<>();
    private final List<Use> uses = new ArrayList<>();

    private OpenThings() {}

    public static void main(String[] args) throws Throwable {
        OpenThings things = new OpenThings();
        for (String arg : args) {
            int equals = arg.indexOf('=');
            String value = equals < 0 ? "" : arg.substring(equals + 1);
            System.out.println("opened " + things.open(equals < 0 ? arg : arg.substring(0, equals), value));
        }
        System.out.println("ready");
        things.obey();
    }

    private void obey() throws Exception {
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            switch (line) {
                case "ping" -> System.out.println("pong");
                case "use" -> useAll();
                case "close" -> closeAll();
                default -> System.out.println("unknown command " + line);
            }
        }
        closeAll();
    }

    private void useAll() throws Exception {
        for (Use use : uses) {
            System.out.println("used " + use.use());
        }
        System.out.println("all used");
    }

    private void closeAll() throws Exception {
        for (AutoCloseable thing : open) {
            thing.close();
        }
        open.clear();
        System.out.println("all closed");
    }

    private String open(String kind, String value) throws Throwable {
        return switch (kind) {
            case "writable" -> keep(new FileOutputStream(value), value);
            case "read-only" -> readOnly(value);
            case "deleted" -> deleted(value);
            case "mapped" -> mapped(value);
            case "child" -> child();
            case "connection" -> connection(Integer.parseInt(value));
            case "listener" -> listener();
            case "append" -> append(value);
            case "udp" -> udp("udp", false);
            case "udp-connected" -> udp("udp-connected", true);
            case "netlink" -> keep(KernelThings.netlink(), "netlink");
            case "fifo" -> keep(new RandomAccessFile(value, "r"), value);
            case "pipe" -> pipe();
            case "selector" -> selector();
            case "watch" -> watch();
            case "io-uring" -> "io-uring " + KernelThings.ioUring();
            default -> throw new IllegalArgumentException(kind);
        };
    }

    private String keep(AutoCloseable thing, String name) {
        open.add(thing);
        return name;
    }

    /** Its first line is read now, each `use` reads the next byte: the offset is what must be kept. */
    private String readOnly(String path) throws IOException {
        RandomAccessFile file = new RandomAccessFile(path, "r");
        file.readLine();
        uses.add(() -> "read-only at " + file.getFilePointer() + ": " + file.readLine());
        return keep(file, path);
    }

    /** Each `use` appends the next line. */
    private String append(String path) throws IOException {
        FileOutputStream file = new FileOutputStream(path, true);
        int[] lines = {0};
        uses.add(() -> {
            file.write(("line " + ++lines[0] + "\n").getBytes());
            return "append " + lines[0];
        });
        return keep(file, path);
    }

    /** A datagram to itself; connected to itself it gets no others. */
    private String udp(String name, boolean connected) throws IOException {
        DatagramSocket socket = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0));
        InetSocketAddress address = new InetSocketAddress("127.0.0.1", socket.getLocalPort());
        socket.setSoTimeout(10_000);
        if (connected) {
            socket.connect(address);
        }
        uses.add(() -> {
            socket.send(new DatagramPacket(new byte[] {'z'}, 1, address));
            DatagramPacket heard = new DatagramPacket(new byte[10], 10);
            socket.receive(heard);
            return name + " heard " + (char) heard.getData()[0];
        });
        return keep(socket, name);
    }

    private String watch() throws IOException {
        WatchService service = FileSystems.getDefault().newWatchService();
        uses.add(() -> "watch " + (service.poll() == null ? "nothing" : "something"));
        return keep(service, "inotify");
    }

    private String deleted(String path) throws IOException {
        RandomAccessFile file = new RandomAccessFile(path, "r");
        Files.delete(Path.of(path));
        return keep(file, path);
    }

    /** A shared read-only mapping; its file is closed. */
    private String mapped(String path) throws IOException {
        try (FileChannel channel = FileChannel.open(Path.of(path))) {
            ByteBuffer content = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
            uses.add(() -> "mapped: " + (char) content.get(0) + (char) content.get(content.limit() - 2));
        }
        return path;
    }

    private String child() throws IOException {
        Process child = new ProcessBuilder("cat").redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        keep(child::destroy, "child");
        return "child " + child.pid();
    }

    private String connection(int port) throws IOException {
        Socket socket = new Socket("127.0.0.1", port);
        uses.add(() -> {
            socket.getOutputStream().write('x');
            return "connection answered " + (char) socket.getInputStream().read();
        });
        keep(socket, "connection");
        return "connection from " + socket.getLocalPort();
    }

    private String listener() throws IOException {
        ServerSocket server = new ServerSocket(Http.freePort(), 5);
        keep(server, "listener");
        uses.add(() -> {
            try (Socket client = new Socket("127.0.0.1", server.getLocalPort()); Socket peer = server.accept()) {
                client.getOutputStream().write('y');
                return "listener heard " + (char) peer.getInputStream().read();
            }
        });
        return "listener " + server.getLocalPort();
    }

    /** Both ends in this process, with bytes waiting in it. */
    private String pipe() throws IOException {
        Pipe pipe = Pipe.open();
        pipe.sink().write(ByteBuffer.wrap("waiting".getBytes()));
        uses.add(() -> {
            ByteBuffer bytes = ByteBuffer.allocate(100);
            pipe.source().read(bytes);
            pipe.sink().write(ByteBuffer.wrap("waiting".getBytes()));
            return "pipe held " + new String(bytes.array(), 0, bytes.position());
        });
        keep(pipe.source(), "pipe");
        return keep(pipe.sink(), "pipe");
    }

    private String selector() throws IOException {
        Selector selector = Selector.open();
        Pipe pipe = Pipe.open();
        pipe.source().configureBlocking(false);
        pipe.source().register(selector, SelectionKey.OP_READ);
        uses.add(() -> {
            pipe.sink().write(ByteBuffer.wrap(new byte[1]));
            int ready = selector.select(10_000);
            selector.selectedKeys().clear();
            pipe.source().read(ByteBuffer.allocate(10));
            return "selector found " + ready;
        });
        return keep(selector, "selector");
    }
}
