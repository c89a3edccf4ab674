// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.drive;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A process we started, waited for by the lines it writes and by its end, never by time.
 *
 * <p>Every wait has a deadline; when it passes, the exception tells all output so far and what each of the
 * process' threads is doing.
 */
public final class RunningProcess implements AutoCloseable {
    public static final Duration DEADLINE = Duration.ofSeconds(Integer.getInteger("thaw.deadline.seconds", 60));

    private static final int END_MOMENT_MS = 3000;
    /* Statuses of `thaw` after the point of no return, and of signals. */
    private static final int ENDED_WITHOUT_HOOKS = 85;
    private static final List<String> ATTACH_NAMES = List.of("", ".thaw", ".hs", ".new");

    private record Line(boolean error, String text) {}

    private final Process process;
    private volatile long startedNanos;
    private final List<String> command;
    private final List<Thread> readers;
    private final List<Line> lines = new ArrayList<>();
    private int next;
    private int openStreams = 2;

    private RunningProcess(ProcessBuilder builder) throws IOException {
        command = List.copyOf(builder.command());
        startedNanos = System.nanoTime();
        process = builder.start();
        readers = List.of(reader(process.getInputStream(), false), reader(process.getErrorStream(), true));
        readers.forEach(Thread::start);
    }

    public static RunningProcess start(List<String> command) {
        return start(new ProcessBuilder(command));
    }

    public static RunningProcess start(ProcessBuilder builder) {
        try {
            return new RunningProcess(builder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Its clock starts just before exec(2): a shell waits to become the command. To ask this JVM for a process takes
     * milliseconds by itself (jspawnhelper).
     */
    public static RunningProcess startTimed(List<String> command) {
        List<String> held = new ArrayList<>(List.of("sh", "-c", "echo held; read go; exec \"$@\"", "sh"));
        held.addAll(command);
        RunningProcess process = start(held);
        process.awaitLine("held");
        process.startedNanos = System.nanoTime();
        process.send("go");
        return process;
    }

    public long pid() {
        return process.pid();
    }

    /** System.nanoTime() just before the process was asked for, or, of a timed one, told to become its command. */
    public long startedNanos() {
        return startedNanos;
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    public synchronized List<String> output() {
        return lines.stream().map(Line::text).toList();
    }

    public synchronized List<String> errorOutput() {
        return lines.stream().filter(Line::error).map(Line::text).toList();
    }

    public Matcher awaitLine(String regex) {
        return awaitLine(regex, DEADLINE);
    }

    /** The first line not looked at yet that matches as a whole; the lines before it count as looked at. */
    public synchronized Matcher awaitLine(String regex, Duration deadline) {
        Pattern pattern = Pattern.compile(regex);
        long end = System.nanoTime() + deadline.toNanos();
        while (true) {
            while (next < lines.size()) {
                Matcher matcher = pattern.matcher(lines.get(next++).text());
                if (matcher.matches()) {
                    return matcher;
                }
            }
            if (openStreams == 0) {
                throw failure((hasEnded() ? "ended" : "closed its output") + " without the line /" + regex + "/");
            }
            if (!pause(end)) {
                throw hang("no line /" + regex + "/ within " + deadline.toSeconds() + " s");
            }
        }
    }

    public int awaitExit() {
        return awaitExit(DEADLINE);
    }

    /** Its exit status, after its last line was read. */
    public int awaitExit(Duration deadline) {
        long end = System.nanoTime() + deadline.toNanos();
        try {
            if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
                throw hang("still runs after " + deadline.toSeconds() + " s");
            }
            for (Thread reader : readers) {
                reader.join(Math.max(1, (end - System.nanoTime()) / 1_000_000));
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        if (process.exitValue() >= ENDED_WITHOUT_HOOKS) {
            removeAttachNames();
        }
        return process.exitValue();
    }

    /** Waits for its end, which must have this status. */
    public void mustExit(int status) {
        int actual = awaitExit();
        if (actual != status) {
            throw failure("ended with " + actual + " instead of " + status);
        }
    }

    /** Writes a line to its stdin. */
    public void send(String line) {
        OutputStream out = process.getOutputStream();
        try {
            out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            out.flush();
        } catch (IOException e) {
            throw failure("cannot send it '" + line + "': " + e.getMessage());
        }
    }

    /** A signal by its kill(1) name, to this pid alone. */
    public void signal(String name) {
        signal(name, pid());
    }

    public static void signal(String name, long pid) {
        Completed kill = Completed.run(List.of("kill", "-" + name, Long.toString(pid)));
        if (kill.status() != 0) {
            throw new IllegalStateException("kill -" + name + " " + pid + ": " + kill.output());
        }
    }

    @Override
    public void close() {
        kill();
    }

    /**
     * Ends it by SIGKILL if it still runs, with its children: a change of user undoes unshare's --kill-child. A killed
     * JVM leaves its names in /tmp to the next with its pid.
     */
    public void kill() {
        boolean killed = process.isAlive();
        List<ProcessHandle> children = process.descendants().toList();
        process.destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        if (killed) {
            removeAttachNames();
        }
    }

    /** At once: the pid may soon be another's. */
    private void removeAttachNames() {
        try {
            for (String end : ATTACH_NAMES) {
                Files.deleteIfExists(Path.of("/tmp/.java_pid" + pid() + end));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A reason with all output behind it; the process is ended. */
    public IllegalStateException failure(String reason) {
        return told(reason, process.isAlive() ? "" : "exit status " + process.exitValue() + "\n");
    }

    /** The same with what each of its threads is doing. */
    public IllegalStateException hang(String reason) {
        return process.isAlive() ? told(reason, ProcessState.describe(pid()) + threadDump()) : failure(reason);
    }

    private IllegalStateException told(String reason, String state) {
        kill();
        StringBuilder text = new StringBuilder("process ").append(pid()).append(' ').append(reason);
        text.append("\ncommand: ").append(String.join(" ", command)).append('\n').append(state);
        synchronized (this) {
            for (Line line : lines) {
                text.append(line.error() ? "err| " : "out| ").append(line.text()).append('\n');
            }
        }
        return new IllegalStateException(text.toString());
    }

    /** Asks a JVM for its threads; they appear among the lines of the output. */
    private String threadDump() {
        if (!ProcessState.catchesSignal(pid(), 3)) {
            return "";
        }
        try {
            signal("QUIT");
            synchronized (this) {
                long end = System.nanoTime() + Duration.ofSeconds(3).toNanos();
                while (lines.stream().noneMatch(line -> line.text().startsWith("JNI global refs")) && pause(end)) {
                    continue;
                }
            }
        } catch (IllegalStateException e) {
            return e.getMessage() + "\n";
        }
        return "";
    }

    /** A process closes its output a moment before its end can be seen. */
    private boolean hasEnded() {
        try {
            return process.waitFor(END_MOMENT_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Waits for more output; false when the time is over. */
    private synchronized boolean pause(long end) {
        long left = (end - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
            return false;
        }
        try {
            wait(left);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return true;
    }

    private Thread reader(InputStream in, boolean error) {
        Thread thread = new Thread(() -> read(in, error), "output of " + process.pid());
        thread.setDaemon(true);
        return thread;
    }

    private void read(InputStream in, boolean error) {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String text = reader.readLine(); text != null; text = reader.readLine()) {
                synchronized (this) {
                    lines.add(new Line(error, text));
                    notifyAll();
                }
            }
        } catch (IOException e) {
            synchronized (this) {
                lines.add(new Line(true, "(reading it failed: " + e.getMessage() + ")"));
            }
        } finally {
            synchronized (this) {
                openStreams--;
                notifyAll();
            }
        }
    }
}
