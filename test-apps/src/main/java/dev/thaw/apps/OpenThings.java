// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import dev.thaw.apps.drive.Http;
import java.io.BufferedReader;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
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
import java.nio.file.StandardOpenOption;
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

    private static final long IO_URING_SETUP = 425;

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
            case "mapped-shared" -> mappedShared(value);
            case "child" -> child();
            case "connection" -> connection(Integer.parseInt(value));
            case "listener" -> listener();
            case "udp" -> keep(new DatagramSocket(new InetSocketAddress("127.0.0.1", 0)), "udp");
            case "fifo" -> keep(new RandomAccessFile(value, "r"), value);
            case "pipe" -> pipe();
            case "selector" -> selector();
            case "watch" -> keep(FileSystems.getDefault().newWatchService(), "inotify");
            case "io-uring" -> ioUring();
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

    private String mappedShared(String path) throws IOException {
        try (FileChannel channel = FileChannel.open(Path.of(path), StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
            ByteBuffer content = channel.map(FileChannel.MapMode.READ_WRITE, 0, channel.size());
            uses.add(() -> "mapped-shared: " + (char) content.get(0));
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

    @SuppressWarnings("restricted")
    private static String ioUring() throws Throwable {
        Linker linker = Linker.nativeLinker();
        MethodHandle syscall = linker.downcallHandle(linker.defaultLookup().find("syscall").orElseThrow(),
                FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS), Linker.Option.firstVariadicArg(1));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment parameters = arena.allocate(120);
            return "io-uring " + (long) syscall.invokeExact(IO_URING_SETUP, 4, parameters);
        }
    }
}
