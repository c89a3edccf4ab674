// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.drive;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** The real jcmd of some JDK. */
public final class Jcmd {
    private final List<String> prefix;
    private final Path javaHome;

    public Jcmd(Path javaHome) {
        this(List.of(), javaHome);
    }

    /** With a command in front, such as a change of user. */
    public Jcmd(List<String> prefix, Path javaHome) {
        this.prefix = List.copyOf(prefix);
        this.javaHome = javaHome;
    }

    public static Jcmd ofThisJdk() {
        return new Jcmd(Artefacts.JAVA_HOME);
    }

    public Completed run(String target, String... command) {
        List<String> whole = new ArrayList<>(prefix);
        whole.addAll(List.of(javaHome.resolve("bin/jcmd").toString(), target));
        whole.addAll(List.of(command));
        return Completed.run(whole);
    }

    public Completed run(long pid, String... command) {
        return run(Long.toString(pid), command);
    }

    /** The reply of a checkpoint that must succeed. */
    public String checkpoint(RunningProcess jvm, String... options) {
        List<String> command = new ArrayList<>(List.of("JDK.checkpoint"));
        command.addAll(List.of(options));
        Completed result = run(jvm.pid(), command.toArray(String[]::new));
        if (result.status() != 0) {
            throw jvm.failure("refused " + command + " with status " + result.status() + ":\n" + result.output());
        }
        return result.output();
    }

    public ThawStatus status(RunningProcess jvm) {
        Completed result = run(jvm.pid(), "Thaw.status");
        if (result.status() != 0) {
            throw jvm.failure("refused Thaw.status with status " + result.status() + ":\n" + result.output());
        }
        return ThawStatus.parse(result.output());
    }

    public ThawStatus awaitAllLoaded(RunningProcess jvm) {
        return awaitStatus(jvm, ThawStatus::allLoaded, "loaded all");
    }

    /** Asks for the status until the process has done what is awaited; each question is a wait of its own. */
    public ThawStatus awaitStatus(RunningProcess jvm, Predicate<ThawStatus> condition, String what) {
        long end = System.nanoTime() + RunningProcess.DEADLINE.toNanos();
        ThawStatus status = status(jvm);
        while (!condition.test(status)) {
            if (System.nanoTime() > end) {
                throw jvm.hang("has not " + what + ":\n" + status.text());
            }
            status = status(jvm);
        }
        return status;
    }
}
