// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.resources;

import dev.thaw.apps.resources.PolicyThings.Use;
import dev.thaw.apps.resources.io.netty.channel.unix.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Files, pipes and what is neither. */
final class PolicyFiles {
    private static final int SECONDS = 30;
    /** Streams and processes close their descriptors when they are collected. */
    private static final List<Object> KEPT = new ArrayList<>();

    private PolicyFiles() {}

    /** @return null if the kind is not known here */
    static Use open(String kind, String value) throws Throwable {
        return switch (kind) {
            case "read" -> read(new RandomAccessFile(value, "r"));
            case "update" -> update(new RandomAccessFile(value, "rw"));
            case "write" -> write(new FileOutputStream(value));
            case "append" -> write(new FileOutputStream(value, true));
            case "fifo" -> fifo(new RandomAccessFile(value, "rw"));
            case "pipe" -> pipe(Pipe.open());
            case "process-pipe" -> processPipe(value);
            case "eventfd" -> eventfd();
            case "watch" -> watch(Path.of(value));
            case "watch-in-take" -> watchInTake(Path.of(value));
            case "watch-second" -> watchSecond(Path.of(value));
            case "watch-later" -> watchLater(Path.of(value));
            default -> null;
        };
    }

    private static Use read(RandomAccessFile file) throws IOException {
        file.readLine();
        return () -> {
            long position = file.getFilePointer();
            return "at " + position + " " + file.readLine();
        };
    }

    private static Use update(RandomAccessFile file) throws IOException {
        file.readLine();
        return () -> {
            long position = file.getFilePointer();
            file.write("upd\n".getBytes(StandardCharsets.UTF_8));
            return "at " + position;
        };
    }

    private static Use write(OutputStream file) throws IOException {
        file.write("first\n".getBytes(StandardCharsets.UTF_8));
        return () -> {
            file.write("more\n".getBytes(StandardCharsets.UTF_8));
            return "written";
        };
    }

    /** Both ends in one descriptor: opening it waits for nobody. */
    private static Use fifo(RandomAccessFile fifo) {
        return () -> {
            fifo.write("word\n".getBytes(StandardCharsets.UTF_8));
            return "heard " + fifo.readLine();
        };
    }

    private static Use pipe(Pipe pipe) {
        return () -> {
            pipe.sink().write(ByteBuffer.wrap(new byte[] {'x'}));
            ByteBuffer heard = ByteBuffer.allocate(10);
            return "heard " + pipe.source().read(heard);
        };
    }

    /** Of a process that sends back what it gets. */
    private static Use processPipe(String command) throws IOException {
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        KEPT.add(process);
        return () -> {
            process.getOutputStream().write('x');
            process.getOutputStream().flush();
            return "heard " + process.getInputStream().read();
        };
    }

    /** A descriptor that no object of the JDK knows. */
    @SuppressWarnings("restricted")
    private static Use eventfd() throws Throwable {
        Linker linker = Linker.nativeLinker();
        MethodHandle eventfd = linker.downcallHandle(linker.defaultLookup().find("eventfd").orElseThrow(),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        MethodHandle write = linker.downcallHandle(linker.defaultLookup().find("eventfd_write").orElseThrow(),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG));
        int fd = (int) eventfd.invokeExact(0, 0);
        System.out.println("eventfd " + fd);
        KEPT.add(new FileDescriptor(fd));
        return () -> {
            try {
                return "result " + (int) write.invokeExact(fd, 1L);
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        };
    }

    private static Use watch(Path folder) throws IOException {
        WatchService watcher = FileSystems.getDefault().newWatchService();
        folder.register(watcher, StandardWatchEventKinds.ENTRY_CREATE);
        return () -> seen(watcher.poll(SECONDS, TimeUnit.SECONDS));
    }

    /** The folder in it, by a service whose first key was cancelled. */
    private static Use watchSecond(Path folder) throws IOException {
        WatchService watcher = FileSystems.getDefault().newWatchService();
        WatchKey first = folder.register(watcher, StandardWatchEventKinds.ENTRY_CREATE);
        folder.resolve("second").register(watcher, StandardWatchEventKinds.ENTRY_CREATE);
        first.cancel();
        return () -> seen(watcher.poll(SECONDS, TimeUnit.SECONDS));
    }

    private static String seen(WatchKey key) {
        List<String> names = new ArrayList<>();
        for (WatchEvent<?> event : key == null ? List.<WatchEvent<?>>of() : key.pollEvents()) {
            names.add(event.context().toString());
        }
        return "saw " + names + (key != null && key.reset() ? "" : ", no longer valid");
    }

    /** A thread of its own waits in take(). */
    private static Use watchInTake(Path folder) throws IOException {
        WatchService watcher = FileSystems.getDefault().newWatchService();
        folder.register(watcher, StandardWatchEventKinds.ENTRY_CREATE);
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        Thread.ofPlatform().daemon().name("take").start(() -> {
            try {
                while (true) {
                    seen.add(seen(watcher.take()));
                }
            } catch (InterruptedException e) {
                seen.add("interrupted");
            }
        });
        return () -> seen.poll(SECONDS, TimeUnit.SECONDS);
    }

    /** A service without keys; the first use registers one. */
    private static Use watchLater(Path folder) throws IOException {
        WatchService watcher = FileSystems.getDefault().newWatchService();
        AtomicBoolean registered = new AtomicBoolean();
        return () -> {
            if (registered.getAndSet(true)) {
                return seen(watcher.poll(SECONDS, TimeUnit.SECONDS));
            }
            folder.register(watcher, StandardWatchEventKinds.ENTRY_CREATE);
            return "registered";
        };
    }
}
