// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches.jfr;

import dev.thaw.core.JdkAccess;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The event streams of this process that have a thread of their own (startAsync): jdk.jfr.consumer.RecordingStream and
 * EventStream.openRepository(), JDK 24-25 (tested: 25). Each has the chunk open that it reads. At the end of the last
 * finished chunk it waits for the next one, and does not touch the old file again but to close it.
 */
final class EventStreams {
    private static final long NAP_MS = 2;
    private static final String THREAD_NAME = "JFR Event Stream ";
    private static final String NAPS = "takeNap";
    private static final String WAITS_FOR_CHUNK = "jdk.jfr.internal.consumer.RepositoryFiles";

    private record Stream(Thread thread, Object stream) {}

    private final Class<?> type;
    private final VarHandle parser;
    private final VarHandle input;
    private final VarHandle fileName;
    private final MethodHandle notifyFlush;
    private final MethodHandle close;
    private final VarHandle holder;
    private final VarHandle task;

    EventStreams() throws ReflectiveOperationException {
        var lookup = JdkAccess.lookup();
        type = lookup.findClass("jdk.jfr.internal.consumer.EventDirectoryStream");
        parser = JfrInternals.field(type, "currentParser");
        input = JfrInternals.field(lookup.findClass("jdk.jfr.internal.consumer.ChunkParser"), "input");
        Class<?> inputType = lookup.findClass("jdk.jfr.internal.consumer.RecordingInput");
        fileName = lookup.findVarHandle(inputType, "filename", String.class);
        notifyFlush = lookup.unreflect(lookup.findClass("jdk.jfr.internal.util.Utils").getDeclaredMethod("notifyFlush"));
        close = lookup.unreflect(inputType.getDeclaredMethod("close"));
        Class<?> holderType = lookup.findClass("java.lang.Thread$FieldHolder");
        holder = lookup.findVarHandle(Thread.class, "holder", holderType);
        task = lookup.findVarHandle(holderType, "task", Runnable.class);
    }

    /**
     * Waits until each has read the last chunk to its end and sleeps. With the recorder's monitor held, a stream that is
     * behind does not come up: an end of a chunk is told to the recording.
     */
    void awaitEndOf(Path lastChunk, Thread[] threads, Duration patience) {
        long end = System.nanoTime() + patience.toNanos();
        List<Stream> streams = all(threads);
        while (System.nanoTime() < end && !allWait(streams, lastChunk)) {
            try {
                Thread.sleep(NAP_MS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** Closes what is read to its end; under the recorder's monitor, so that no next chunk comes. */
    void closeEndOf(Path lastChunk, Thread[] threads) {
        for (Stream stream : all(threads)) {
            Object open = inputOf(stream);
            if (open != null && waits(stream, lastChunk)) {
                JfrInternals.call(close, open);
            }
        }
    }

    private boolean allWait(List<Stream> streams, Path lastChunk) {
        boolean all = true;
        for (Stream stream : streams) {
            if (inputOf(stream) != null && !waits(stream, lastChunk)) {
                JfrInternals.call(notifyFlush); // it looks at the chunk's header only once a second
                all = false;
            }
        }
        return all;
    }

    private boolean waits(Stream stream, Path lastChunk) {
        if (!lastChunk.toString().equals(fileName.get(inputOf(stream)))) {
            return !stream.thread().isAlive();
        }
        boolean naps = false;
        for (StackTraceElement frame : stream.thread().getStackTrace()) {
            naps |= frame.getMethodName().equals(NAPS);
            if (naps && frame.getClassName().equals(WAITS_FOR_CHUNK)) {
                return true;
            }
        }
        return !stream.thread().isAlive();
    }

    private Object inputOf(Stream stream) {
        Object parsing = parser.get(stream.stream());
        return parsing == null ? null : input.get(parsing);
    }

    private List<Stream> all(Thread[] threads) {
        List<Stream> streams = new ArrayList<>();
        for (Thread thread : threads) {
            Object found = thread.getName().startsWith(THREAD_NAME) ? streamOf(thread) : null;
            if (found != null) {
                streams.add(new Stream(thread, found));
            }
        }
        return streams;
    }

    /** Its task is a lambda that has captured the stream. */
    private Object streamOf(Thread thread) {
        Object lambda = task.get(holder.get(thread));
        if (lambda == null) {
            return null;
        }
        try {
            for (Field field : lambda.getClass().getDeclaredFields()) {
                Object captured = JdkAccess.lookup().unreflectGetter(field).invoke(lambda);
                if (type.isInstance(captured)) {
                    return captured;
                }
            }
            return null;
        } catch (Throwable e) {
            throw new IllegalStateException(e.toString(), e);
        }
    }
}
