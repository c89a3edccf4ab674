// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches.jfr;

import static dev.thaw.patches.jfr.JfrInternals.call;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TimerTask;

/** What a checkpoint does to each recording; all under the recorder's monitor. */
final class Recordings {
    private static final String RUNNING = "RUNNING";
    private static final String STOPPED = "STOPPED";
    private static final String CLOSED = "CLOSED";

    private final JfrInternals jfr;
    private final List<Path> dumped = new ArrayList<>();
    private final List<Path> made = new ArrayList<>();

    Recordings(JfrInternals jfr) {
        this.jfr = jfr;
    }

    boolean anyWritesChunks() {
        for (Object recording : all()) {
            if (isRunning(recording) && (boolean) call(jfr.isToDisk, recording)) {
                return true;
            }
        }
        return false;
    }

    /** Those that were stopped but are not written to a file yet. */
    boolean anyStoppedHasChunks() {
        for (Object recording : all()) {
            if (stateOf(recording).equals(STOPPED) && !chunksOf(recording).isEmpty()) {
                return true;
            }
        }
        return false;
    }

    /** As the JVM's end does; the recordings stay as they are. */
    void writeToTheirFiles() {
        for (Object recording : all()) {
            if (!isRunning(recording) || chunksOf(recording).isEmpty()) {
                continue;
            }
            Object path = jfr.destination.get(recording);
            if (path != null) {
                dumped.add(fileOf(path));
            } else if ((boolean) call(jfr.dumpsOnExit, recording)) {
                path = call(jfr.makeDumpPath, recording);
                made.add(fileOf(path));
            }
            if (path != null) {
                call(jfr.dumpTo, recording, path);
            }
        }
    }

    /** This process runs on, and its end will write them again. */
    void unwriteFiles() throws IOException {
        for (Path file : dumped) {
            FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING).close();
        }
        for (Path file : made) {
            Files.deleteIfExists(file);
        }
    }

    /** A timer that is due when a restored process starts would end the recording. */
    void stopTimers() {
        for (Object recording : all()) {
            TimerTask timer = (TimerTask) jfr.stopTask.get(recording);
            if (timer != null) {
                timer.cancel();
            }
        }
    }

    /** For the time that is left. */
    void startTimers() {
        for (Object recording : all()) {
            if (jfr.stopTask.get(recording) != null) {
                call(jfr.updateTimer, recording);
            }
        }
    }

    /** The files of the chunks belong to the process that was checkpointed. */
    void beginAnew() throws IOException {
        for (Object recording : all()) {
            if (stateOf(recording).equals(CLOSED)) {
                continue;
            }
            if (isRunning(recording)) {
                restart(recording);
            } else {
                keepChunks(recording);
            }
            if (!stateOf(recording).equals(STOPPED)) {
                claimFile(recording);
            }
        }
    }

    private void restart(Object recording) {
        Instant now = Instant.now();
        chunksOf(recording).clear(); // without release(), which deletes the files
        jfr.size.set(recording, 0L);
        jfr.startTime.set(recording, now);
        Duration duration = (Duration) call(jfr.duration, recording);
        if (duration != null) {
            jfr.stopTime.set(recording, now.plus(duration));
        }
    }

    /** Counts this use for ever: the files stay for the other processes of the snapshot. */
    private void keepChunks(Object recording) {
        for (Object chunk : chunksOf(recording)) {
            call(jfr.useChunk, chunk);
        }
    }

    private void claimFile(Object recording) throws IOException {
        Object wanted = jfr.destination.get(recording);
        if (wanted == null) {
            return;
        }
        jfr.destination.set(recording, call(jfr.newWriteablePath, RecordingFile.claim(fileOf(wanted))));
    }

    private Path fileOf(Object writeablePath) {
        return (Path) call(jfr.writeableFile, writeablePath);
    }

    private List<?> all() {
        return (List<?>) call(jfr.recordings);
    }

    private Collection<?> chunksOf(Object recording) {
        return (Collection<?>) jfr.chunks.get(recording);
    }

    private boolean isRunning(Object recording) {
        return stateOf(recording).equals(RUNNING);
    }

    private String stateOf(Object recording) {
        return call(jfr.state, recording).toString();
    }
}
