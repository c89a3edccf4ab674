// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.drive;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A running KeyValueService, new or restored, seen from outside. */
public final class Service implements AutoCloseable {
    private final RunningProcess process;
    private final int port;

    public Service(RunningProcess process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Under the agent when `to` is given. */
    public static Service start(Path to, List<String> vmOptions, int heapMegabytes, String... arguments) {
        int port = Http.freePort();
        return new Service(RunningProcess.start(command(port, to, vmOptions, heapMegabytes, arguments)), port);
    }

    /** The same by {@link RunningProcess#startTimed}. */
    public static Service startTimed(Path to, List<String> vmOptions, int heapMegabytes) {
        int port = Http.freePort();
        return new Service(RunningProcess.startTimed(command(port, to, vmOptions, heapMegabytes)), port);
    }

    private static List<String> command(int port, Path to, List<String> vmOptions, int heapMegabytes, String... arguments) {
        List<String> command = new ArrayList<>(List.of(Artefacts.java()));
        if (to != null) {
            command.add("-javaagent:" + Artefacts.AGENT + "=to=" + to);
        }
        command.addAll(vmOptions);
        command.addAll(List.of("-cp", Artefacts.TEST_APPS.toString(), "dev.thaw.apps.KeyValueService"));
        command.addAll(List.of("--heap-mb", Integer.toString(heapMegabytes)));
        command.addAll(List.of(arguments));
        command.add(Integer.toString(port));
        return command;
    }

    /** Restores a snapshot of this service, whose port it gets again. */
    public Service restore(Path snapshot, String... options) {
        return restore(List.of(), snapshot, options);
    }

    /** The same with a command in front of `thaw`. */
    public Service restore(List<String> prefix, Path snapshot, String... options) {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(restoreCommand(snapshot, options));
        return new Service(RunningProcess.start(command), port);
    }

    /** The same by {@link RunningProcess#startTimed}. */
    public Service restoreTimed(Path snapshot, String... options) {
        return new Service(RunningProcess.startTimed(restoreCommand(snapshot, options)), port);
    }

    private static List<String> restoreCommand(Path snapshot, String... options) {
        List<String> command = new ArrayList<>(List.of(Artefacts.THAW.toString(), "restore", snapshot.toString()));
        command.addAll(List.of(options));
        return command;
    }

    public RunningProcess process() {
        return process;
    }

    public long pid() {
        return process.pid();
    }

    public int port() {
        return port;
    }

    /** Waits for the first answer; milliseconds from {@link RunningProcess#startedNanos} until it was read. */
    public double awaitFirstAnswer() {
        Http.Answer answer = Http.getFirst(process, port, "/hello", RunningProcess.DEADLINE);
        double milliseconds = (System.nanoTime() - process.startedNanos()) / 1e6;
        expectOk("/hello", answer);
        return milliseconds;
    }

    /** The body of an answer that must have status 200. */
    public String get(String path) {
        try {
            Http.Answer answer = Http.get(port, path);
            expectOk(path, answer);
            return answer.body();
        } catch (IOException e) {
            throw process.hang("did not answer " + path + ": " + e);
        }
    }

    /** Checks every record; the line with their number and checksum. */
    public String verify() {
        return get("/verify");
    }

    public String dirty(int megabytes) {
        return get("/dirty?mb=" + megabytes);
    }

    /** The number in an answer such as "collected in 3.2 ms". */
    public double number(String path) {
        return Double.parseDouble(get(path).replaceAll("[^0-9]*([0-9.]+).*", "$1"));
    }

    private void expectOk(String path, Http.Answer answer) {
        if (answer.status() != 200) {
            throw process.failure("answered " + path + " with " + answer.status() + ": " + answer.body());
        }
    }

    @Override
    public void close() {
        process.kill();
    }
}
