// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.jdkstate;

import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.JvmUnderTest;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;

/** A process of one of this package's applications, and those that are restored from it. */
final class Clones implements AutoCloseable {
    private final SnapshotDirectory snapshots = SnapshotDirectory.create();
    private final RunningProcess original;

    /** {@code patch} is switched off; null: none is. */
    Clones(String patch, String application, List<String> flags, Map<String, String> environment, String... arguments) {
        JvmUnderTest jvm = JvmUnderTest.withAgent(snapshots.path())
                .options("-Xmx64m", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED")
                .options(flags.toArray(String[]::new));
        if (patch != null) {
            jvm.options("-Dthaw.patch." + patch + "=off");
        }
        ProcessBuilder builder = new ProcessBuilder(jvm.command("jdkstate." + application, arguments));
        builder.environment().putAll(environment);
        original = RunningProcess.start(builder);
    }

    Clones(String patch, String application, String... arguments) {
        this(patch, application, List.of(), Map.of(), arguments);
    }

    RunningProcess original() {
        return original;
    }

    /** Asks the original when it is ready. */
    Matcher ask(String command, String answer) {
        return ask(original, command, answer);
    }

    static Matcher ask(RunningProcess process, String command, String answer) {
        process.send(command);
        return process.awaitLine(answer);
    }

    void checkpoint() {
        Jcmd.ofThisJdk().checkpoint(original);
        original.mustExit(ThawCommand.CHECKPOINTED);
    }

    /** With a command in front; its resources have been told. */
    RunningProcess restore(List<String> prefix, String... options) {
        RunningProcess clone = ThawCommand.restore(prefix, snapshots.path(), options);
        clone.awaitLine("restored");
        return clone;
    }

    RunningProcess restore(String... options) {
        return restore(List.of(), options);
    }

    /** What jcmd says to a checkpoint that must be refused. */
    String refusal() {
        return Jcmd.ofThisJdk().run(original.pid(), "JDK.checkpoint").output();
    }

    SnapshotDirectory snapshots() {
        return snapshots;
    }

    @Override
    public void close() {
        original.close();
        snapshots.close();
    }
}
