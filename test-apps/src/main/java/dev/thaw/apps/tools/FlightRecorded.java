// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.tools;

import java.io.BufferedReader;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.FlightRecorderListener;
import jdk.jfr.Name;
import jdk.jfr.Recording;
import jdk.jfr.RecordingState;
import jdk.jfr.StackTrace;
import jdk.jfr.consumer.RecordingStream;

/**
 * Writes events of its own to whatever records them: {@code tick TEXT} on stdin is one event.
 *
 * <p>{@code stream} prints each from then on; {@code recordings FOLDER} makes one that is stopped, one that is new and
 * one that is to start tomorrow; {@code use} goes on with these; {@code timed SECONDS} records for so long and tells
 * when that ends; {@code open FILE} opens it for writing; {@code end}.
 */
public final class FlightRecorded {
    @Name("dev.thaw.Tick")
    @StackTrace(false)
    static final class Tick extends Event {
        String text;
    }

    /** Refused at a checkpoint. */
    private static final List<FileOutputStream> open = new ArrayList<>();

    private final List<Recording> recordings = new ArrayList<>();
    private Path folder;

    private FlightRecorded() {}

    public static void main(String[] args) throws Exception {
        FlightRecorded app = new FlightRecorded();
        System.out.println("ready");
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        for (String line = commands.readLine(); line != null && !line.equals("end"); line = commands.readLine()) {
            String[] words = line.split(" ", 2);
            switch (words[0]) {
                case "tick" -> tick(words[1]);
                case "stream" -> stream();
                case "recordings" -> app.make(Path.of(words[1]));
                case "use" -> app.use();
                case "timed" -> timed(Duration.ofSeconds(Long.parseLong(words[1])));
                case "open" -> open.add(new FileOutputStream(words[1]));
                default -> throw new IllegalArgumentException(line);
            }
            System.out.println("done " + line);
        }
        System.exit(0); // the thread of a stream is no daemon
    }

    private static void tick(String text) {
        Tick tick = new Tick();
        tick.text = text;
        tick.commit();
    }

    private static void stream() {
        RecordingStream stream = new RecordingStream();
        stream.enable(Tick.class);
        stream.onEvent("dev.thaw.Tick", event -> System.out.println("streamed " + event.getString("text")));
        stream.onError(error -> System.out.println("stream failed: " + error));
        stream.onClose(() -> System.out.println("stream closed"));
        stream.startAsync();
    }

    private static void timed(Duration duration) {
        Recording recording = new Recording();
        FlightRecorder.addListener(new FlightRecorderListener() {
            @Override
            public void recordingStateChanged(Recording changed) {
                if (changed == recording && changed.getState() == RecordingState.STOPPED) {
                    System.out.println("recorded for "
                            + Duration.between(changed.getStartTime(), changed.getStopTime()).toMillis() + " ms");
                }
            }
        });
        recording.setDuration(duration);
        recording.start();
    }

    private void make(Path given) throws IOException {
        folder = given;
        for (String name : List.of("stopped", "new", "delayed")) {
            Recording recording = new Recording();
            recording.setName(name);
            recording.enable(Tick.class);
            recordings.add(recording);
        }
        recordings.get(0).start();
        tick("of the stopped");
        recordings.get(0).stop();
        recordings.get(1).setDestination(folder.resolve("new.jfr"));
        recordings.get(2).scheduleStart(Duration.ofDays(1));
    }

    private void use() throws IOException {
        recordings.get(0).dump(folder.resolve("stopped.jfr"));
        recordings.get(0).close();
        recordings.get(1).start();
        tick("of the new");
        recordings.get(1).stop();
        recordings.get(2).start();
        recordings.get(2).stop();
        System.out.println("delayed is " + recordings.get(2).getState());
    }
}
