// SPDX-License-Identifier: Apache-2.0
package dev.thaw.forked;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A JVM that runs {@link WaitingApp}, and what it prints. Its end and every answer have a deadline. */
public final class ForkedJvm implements AutoCloseable {
    public static final List<String> SOCKETS = List.of("", ".thaw", ".hs", ".new");
    static final long DEADLINE_SECONDS = 60;
    private static final String JAVA = Path.of(System.getProperty("java.home"), "bin", "java").toString();

    private final Process process;
    private final List<String> output = Collections.synchronizedList(new ArrayList<>());
    private final Thread reader;

    private ForkedJvm(Process process) {
        this.process = process;
        this.reader = Thread.ofPlatform().daemon().start(this::read);
    }

    public static ForkedJvm start(String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(JAVA, "-Xmx64m"));
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", classes().toString(), WaitingApp.class.getName()));
        return new ForkedJvm(new ProcessBuilder(command).redirectErrorStream(true).start());
    }

    /** One with the agent that has taken its place in /tmp. */
    public static ForkedJvm startWithEndpoint(String... options) throws IOException {
        ForkedJvm jvm = start(options);
        jvm.awaitLine("ready");
        jvm.awaitEndpoint();
        return jvm;
    }

    public long pid() {
        return process.pid();
    }

    public List<String> output() {
        return List.copyOf(output);
    }

    public Path socket(String end) {
        return Path.of("/tmp/.java_pid" + pid() + end);
    }

    public void awaitLine(String line) {
        await("no line '" + line + "'", () -> output.contains(line));
    }

    public void awaitEndpoint() {
        await("no endpoint", () -> {
            try {
                return Files.exists(socket("")) && Files.isSameFile(socket(""), socket(".thaw"));
            } catch (IOException e) {
                return false;
            }
        });
    }

    /** Closes the application's standard input, which ends it. */
    public int end() throws IOException, InterruptedException {
        process.getOutputStream().close();
        return awaitExit();
    }

    public int awaitExit() throws InterruptedException {
        if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
            throw failure("does not end");
        }
        reader.join();
        return process.exitValue();
    }

    /** One that still runs is killed, which leaves its names in /tmp. */
    @Override
    public void close() throws IOException {
        if (process.isAlive()) {
            process.destroyForcibly().onExit().join();
            for (String end : SOCKETS) {
                Files.deleteIfExists(socket(end));
            }
        }
    }

    private void await(String otherwise, BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end || !process.isAlive()) {
                throw failure(otherwise);
            }
            Thread.onSpinWait();
        }
    }

    private AssertionError failure(String what) {
        return new AssertionError("JVM " + pid() + " " + (process.isAlive() ? "" : "(ended) ") + what + ":\n"
                + String.join("\n", output));
    }

    private void read() {
        try (BufferedReader lines = process.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                output.add(line);
            }
        } catch (IOException e) {
            output.add("reading failed: " + e);
        }
    }

    private static Path classes() {
        try {
            return Path.of(WaitingApp.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }
}
