// SPDX-License-Identifier: Apache-2.0
package dev.thaw.jcmd;

import dev.thaw.agent.AgentOptions;
import dev.thaw.checkpoint.Checkpoints;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;

/** Answers what is ours to answer and passes the rest on. */
final class Commands {
    private static final int FIRST_JDK_WITH_VERSION_2 = 24;
    private static final int PUMP_BYTES = 64 * 1024;

    private final Checkpoints checkpoints;
    private final HotSpotListener hotspot;

    Commands(Checkpoints checkpoints, HotSpotListener hotspot) {
        this.checkpoints = checkpoints;
        this.hotspot = hotspot;
    }

    /** @return whether another thread has taken over the client, and will close it */
    boolean execute(AttachRequest request, SocketChannel client) throws IOException {
        return switch (request.command()) {
            case "getversion" -> answer(version(), client);
            case "jcmd" -> diagnosticCommand(request, client);
            default -> forward(request, client);
        };
    }

    /** Version 2 without its option "streaming"; an older HotSpot knows no such operation. */
    private static AttachReply version() {
        return Runtime.version().feature() >= FIRST_JDK_WITH_VERSION_2 ? AttachReply.ok("2")
                : AttachReply.failed("Operation getversion not recognized!");
    }

    private boolean diagnosticCommand(AttachRequest request, SocketChannel client) throws IOException {
        CommandLine line = CommandLine.parse(request.firstArgument());
        return switch (line.name()) {
            case Help.CHECKPOINT -> checkpoint(line, client);
            case Help.STATUS -> answer(status(line), client);
            case "help" -> answer(help(line, request), client);
            default -> forward(request, client);
        };
    }

    private static boolean answer(AttachReply reply, SocketChannel client) throws IOException {
        reply.writeTo(client);
        return false;
    }

    private AttachReply status(CommandLine line) throws IOException {
        return line.arguments().isEmpty() ? AttachReply.ok(checkpoints.status())
                : AttachReply.failed("Thaw.status takes no options\n");
    }

    private AttachReply help(CommandLine line, AttachRequest request) throws IOException {
        String topic = line.arguments().isEmpty() ? "-all" : line.arguments().getFirst();
        if (Help.isOurs(topic)) {
            return AttachReply.ok(Help.of(topic));
        }
        AttachReply reply = ask(request);
        return topic.equals("-all") ? new AttachReply(reply.code(), Help.merge(reply.text())) : reply;
    }

    private AttachReply ask(AttachRequest request) throws IOException {
        SocketChannel server;
        try {
            server = hotspot.send(request);
        } catch (IOException | RuntimeException e) {
            return AttachReply.failed(cannotReach(e));
        }
        try (server) {
            return AttachReply.parse(Channels.newInputStream(server).readAllBytes());
        }
    }

    private boolean forward(AttachRequest request, SocketChannel client) throws IOException {
        SocketChannel server;
        try {
            server = hotspot.send(request);
        } catch (IOException | RuntimeException e) {
            return answer(AttachReply.failed(cannotReach(e)), client);
        }
        try (server) {
            ByteBuffer buffer = ByteBuffer.allocate(PUMP_BYTES);
            while (server.read(buffer.clear()) >= 0) {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    client.write(buffer);
                }
            }
        }
        return false;
    }

    private static String cannotReach(Exception e) {
        return "Thaw cannot pass the command on to HotSpot: " + e.getMessage() + "\n";
    }

    private boolean checkpoint(CommandLine line, SocketChannel client) throws IOException {
        AgentOptions options = checkpoints.options();
        try {
            for (String assignment : line.arguments()) {
                options = options.withRequested(assignment);
            }
        } catch (IllegalArgumentException e) {
            return answer(AttachReply.failed("JDK.checkpoint: " + e.getMessage() + "\n"), client);
        }
        if (options.to() == null) {
            return answer(AttachReply.failed("JDK.checkpoint: nobody said where to: give to=DIR here, or start the"
                    + " JVM with -javaagent:thaw.jar=to=DIR\n"), client);
        }
        AttachEndpoint.daemon("thaw-checkpoint", new CheckpointCommand(checkpoints, options, client)).start();
        return true;
    }
}
