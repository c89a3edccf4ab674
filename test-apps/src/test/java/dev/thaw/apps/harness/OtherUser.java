// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.harness;

import dev.thaw.apps.drive.Artefacts;
import dev.thaw.apps.drive.Completed;
import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A user without any privilege: nobody when we are root, else ourselves. Has its own copies of the artefacts,
 * since the tree may lie where it cannot go.
 */
public final class OtherUser implements AutoCloseable {
    private static final List<String> AS_NOBODY =
            List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all");
    /* A name that a killed JVM of root left in the sticky /tmp: only root can remove it, jcmd refuses it. */
    private static final List<String> CLEAR_ATTACH_NAMES =
            List.of("sh", "-c", "rm -f /tmp/.java_pid$$ /tmp/.java_pid$$.*; exec \"$@\"", "sh");

    private final Path folder;
    private final Path thaw;
    private final Path agent;
    private final Path testApps;

    public OtherUser() {
        try {
            folder = Files.createTempDirectory("thaw-nobody-");
            agent = Files.copy(Artefacts.AGENT, folder.resolve("thaw.jar"));
            testApps = Files.copy(Artefacts.TEST_APPS, folder.resolve("test-apps.jar"));
            thaw = Files.copy(Artefacts.THAW, folder.resolve("thaw"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        must("chmod", "0755", folder.toString(), thaw.toString());
        if (isRoot()) {
            must("chown", "-R", "65534:65534", folder.toString());
        }
    }

    public static boolean isRoot() {
        return Completed.run("id", "-u").output().equals("0");
    }

    /** What to put in front of a command. */
    public static List<String> prefix() {
        return isRoot() ? Stream.of(CLEAR_ATTACH_NAMES, AS_NOBODY).flatMap(List::stream).toList() : List.of();
    }

    public Path folder() {
        return folder;
    }

    public SnapshotDirectory snapshots() {
        SnapshotDirectory snapshots = SnapshotDirectory.in(folder);
        if (isRoot()) {
            must("chown", "65534:65534", snapshots.path().toString());
        }
        return snapshots;
    }

    public JvmUnderTest jvm(Path to, String... agentOptions) {
        return JvmUnderTest.withAgent(to, agentOptions).artefacts(agent, testApps).prefix(prefix());
    }

    public Jcmd jcmd() {
        return new Jcmd(prefix(), Artefacts.JAVA_HOME);
    }

    public RunningProcess restore(Path snapshot, String... options) {
        return restore(List.of(), snapshot, options);
    }

    /** With a command between the change of user and `thaw`. */
    public RunningProcess restore(List<String> before, Path snapshot, String... options) {
        List<String> command = new ArrayList<>(prefix());
        command.addAll(before);
        command.addAll(List.of(thaw.toString(), "restore", snapshot.toString()));
        command.addAll(List.of(options));
        return RunningProcess.start(command);
    }

    /** With a command in front that only root can run. */
    public RunningProcess restoreBehind(List<String> asRoot, Path snapshot) {
        List<String> command = new ArrayList<>(asRoot);
        command.addAll(AS_NOBODY);
        command.addAll(List.of(thaw.toString(), "restore", snapshot.toString()));
        return RunningProcess.start(command);
    }

    @Override
    public void close() {
        SnapshotDirectory.deleteTree(folder);
    }

    private static void must(String... command) {
        Completed done = Completed.run(command);
        if (done.status() != 0) {
            throw new IllegalStateException(String.join(" ", command) + ": " + done.output());
        }
    }
}
