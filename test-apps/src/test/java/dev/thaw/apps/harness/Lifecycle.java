// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.harness;

import dev.thaw.apps.drive.CheckpointReply;
import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.ThawCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What happens to an application from outside, each with what a user would check. */
public final class Lifecycle {
    private static final int TERMINATED = 128 + 15;
    private static final Jcmd JCMD = Jcmd.ofThisJdk();
    /* State of a socket in /proc/net/tcp. */
    private static final List<String> CONNECTED = List.of("01", "08");
    private static final int LOCAL = 1;
    private static final int STATE = 3;

    private Lifecycle() {}

    /** A checkpoint that ends the process. */
    public static CheckpointReply checkpoint(RunningProcess application) {
        CheckpointReply reply = new CheckpointReply(JCMD.checkpoint(application));
        application.mustExit(ThawCommand.CHECKPOINTED);
        return reply;
    }

    /** On TERM the shutdown hooks run, and the log has no error from start to end. */
    public static void mustEndCleanly(RunningProcess application) {
        application.signal("TERM");
        application.mustExit(TERMINATED);
        List<String> errors = application.output().stream()
                .filter(line -> line.contains("ERROR") || line.contains("Exception")).toList();
        if (!errors.isEmpty()) {
            throw application.failure("logged " + errors);
        }
    }

    /** Until the server has closed each connection that a client has ended. */
    public static void awaitNoConnection(RunningProcess server, int port) {
        long end = System.nanoTime() + RunningProcess.DEADLINE.toNanos();
        String local = ":%04X".formatted(port);
        while (Stream.of("tcp", "tcp6").flatMap(table -> sockets(server, table))
                .anyMatch(socket -> socket[LOCAL].endsWith(local) && CONNECTED.contains(socket[STATE]))) {
            if (System.nanoTime() > end) {
                throw server.hang("keeps a connection of port " + port);
            }
            Thread.onSpinWait();
        }
    }

    private static Stream<String[]> sockets(RunningProcess process, String table) {
        try {
            return Files.readAllLines(Path.of("/proc/" + process.pid() + "/net/" + table)).stream().skip(1)
                    .map(line -> line.strip().split("\\s+"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
