// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches.jfr;

import static dev.thaw.patches.jfr.JfrInternals.call;

import dev.thaw.core.CheckpointOutcome;
import dev.thaw.core.CheckpointOutcome.Restored;
import dev.thaw.core.CheckpointRequest;
import dev.thaw.core.CoreException;
import dev.thaw.core.JdkAccess;
import java.io.File;
import java.io.IOException;
import java.lang.invoke.MethodType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;

/**
 * jdk.jfr.internal.PlatformRecorder, JDK 24-25 (tested: 25). Without it a checkpoint is refused while a recording
 * runs: the file of its chunk is open for writing.
 *
 * <p>While the snapshot is written JFR has no file, as with {@code disk=false}: what happens meanwhile is in its
 * buffers, and in the next chunk. In this process the recordings go on. In a restored one they keep name, number
 * and settings, and begin anew: a repository of its own, no chunks of the old process, a file of its own to be
 * written to at the end. A process that ends after the checkpoint writes its recordings to their files before.
 */
public final class FlightRecorderPause {
    private static final String PATCH = "PlatformRecorder";
    private static final String JFR_THREAD = "JFR Periodic Tasks";
    private static final Duration STREAMS_READ = Duration.ofSeconds(2);
    /** For a stream that just looks for the next chunk; one that is behind cannot come up under the monitor. */
    private static final Duration STREAMS_LIST = Duration.ofMillis(100);

    private final JfrInternals jfr;
    private final Recordings recordings;
    private final EventStreams streams;
    private Path lastChunk;
    private Path folder;

    private FlightRecorderPause() throws ReflectiveOperationException {
        jfr = new JfrInternals();
        recordings = new Recordings(jfr);
        streams = new EventStreams();
    }

    /** With JFR at rest where it is in use; then for {@code failures} what did not work in the restored process. */
    public static CheckpointOutcome write(CheckpointRequest request,
            Function<CheckpointRequest, CheckpointOutcome> writer, List<RuntimeException> failures) {
        if ("off".equals(System.getProperty("thaw.patch." + PATCH)) || !isInUse()) {
            return writer.apply(request);
        }
        FlightRecorderPause pause;
        try {
            pause = new FlightRecorderPause();
        } catch (ReflectiveOperationException | LinkageError e) {
            throw new CoreException("the patch of %s did not take: %s; switch it off with -Dthaw.patch.%s=off"
                    .formatted(PATCH, e, PATCH), e);
        }
        return pause.around(request, writer, failures);
    }

    /** Found without loading a class of jdk.jfr. */
    private static boolean isInUse() {
        for (Thread thread : threads()) {
            if (thread.getName().equals(JFR_THREAD) && thread.isDaemon()) {
                return true;
            }
        }
        return false;
    }

    private static Thread[] threads() {
        try {
            return (Thread[]) JdkAccess.lookup().findStatic(Thread.class, "getThreads",
                    MethodType.methodType(Thread[].class)).invokeExact();
        } catch (Throwable e) {
            throw new CoreException("java.lang.Thread is not as in JDK 22-25: " + e, e);
        }
    }

    private CheckpointOutcome around(CheckpointRequest request,
            Function<CheckpointRequest, CheckpointOutcome> writer, List<RuntimeException> failures) {
        synchronized (jfr.recorder) {
            finishChunk();
        }
        if (lastChunk != null) {
            streams.awaitEndOf(lastChunk, threads(), STREAMS_READ);
        }
        synchronized (jfr.recorder) {
            finishChunk(); // one that was begun meanwhile
            CheckpointOutcome outcome = null;
            recordings.stopTimers();
            leaveFolder();
            try {
                outcome = writer.apply(rest(request));
            } finally {
                if (!(outcome instanceof Restored)) {
                    goOn();
                }
            }
            if (outcome instanceof Restored) {
                beginAnew(failures);
            }
            return outcome;
        }
    }

    /**
     * Streams look for the next chunk in the folder: in a restored process they would find those of the process that
     * ran on. JFR makes a new folder where the present one does not exist.
     */
    private void leaveFolder() {
        folder = (Path) jfr.repositoryFolder.get(jfr.repository);
        if (folder != null) {
            setFolder(folder.resolve("of-another-process"));
        }
    }

    private void setFolder(Path path) {
        synchronized (jfr.repository) {
            jfr.repositoryFolder.set(jfr.repository, path);
        }
    }

    /** As rotateDisk, but no chunk follows: events go to memory. */
    private void finishChunk() {
        Object chunk = jfr.currentChunk.get(jfr.recorder);
        if (chunk == null) {
            return;
        }
        call(jfr.chunkEnd);
        Instant end = (Instant) call(jfr.setOutput, (Object) null);
        lastChunk = (Path) call(jfr.chunkFile, chunk);
        call(jfr.finishChunk, chunk, end, null);
        jfr.currentChunk.set(jfr.recorder, null);
    }

    /** @return the request, with what else is to be removed */
    private CheckpointRequest rest(CheckpointRequest request) {
        if (lastChunk != null) {
            streams.awaitEndOf(lastChunk, threads(), STREAMS_LIST);
            streams.closeEndOf(lastChunk, threads());
        }
        if (request.keepRunning()) {
            return request;
        }
        recordings.writeToTheirFiles();
        if (folder == null || !isOwn(folder) || (boolean) call(jfr.preserveRepository)
                || recordings.anyStoppedHasChunks() || isOpen(folder)) {
            return request;
        }
        return request.alsoRemoving(folder);
    }

    private boolean isOwn(Path folder) {
        return ((Collection<?>) jfr.cleanupFolders.get(jfr.repository)).contains(folder);
    }

    /** A stream that is behind, or has no thread of its own, still reads there after a restore. */
    private static boolean isOpen(Path folder) {
        String[] numbers = new File("/proc/self/fd").list();
        for (String number : numbers == null ? new String[0] : numbers) {
            try {
                if (Files.readSymbolicLink(Path.of("/proc/self/fd", number)).startsWith(folder)) {
                    return true;
                }
            } catch (IOException e) {
                // closed since, or the one that was open to list them
            }
        }
        return false;
    }

    private void goOn() {
        setFolder(folder);
        recordings.startTimers();
        if (recordings.anyWritesChunks()) {
            call(jfr.rotateDisk);
        }
        try {
            recordings.unwriteFiles();
        } catch (IOException e) {
            throw new CoreException("the file of a recording cannot be emptied: " + e.getMessage(), e);
        }
    }

    private void beginAnew(List<RuntimeException> failures) {
        try {
            recordings.beginAnew();
            ((Collection<?>) jfr.cleanupFolders.get(jfr.repository)).clear();
            if (recordings.anyWritesChunks()) {
                call(jfr.rotateDisk);
            }
            recordings.startTimers();
        } catch (IOException | RuntimeException e) {
            failures.add(new CoreException("JFR does not record in the restored process: " + e.getMessage(), e));
        }
    }
}
