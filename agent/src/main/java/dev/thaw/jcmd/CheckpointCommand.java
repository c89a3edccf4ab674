// SPDX-License-Identifier: Apache-2.0
package dev.thaw.jcmd;

import dev.thaw.agent.AgentOptions;
import dev.thaw.checkpoint.CheckpointBusyException;
import dev.thaw.checkpoint.CheckpointResult;
import dev.thaw.checkpoint.Checkpoints;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import jdk.crac.CheckpointException;

/** JDK.checkpoint, on a thread of its own: the one that comes back in the restored process. */
record CheckpointCommand(Checkpoints checkpoints, AgentOptions options, SocketChannel client) implements Runnable {
    @Override
    public void run() {
        AttachReply reply;
        try {
            reply = checkpoint();
        } catch (RuntimeException | Error e) {
            reply = AttachReply.failed(Reasons.explain(e));
        }
        try {
            if (reply != null) {
                reply.writeTo(client);
            }
        } catch (IOException e) {
            // the client hung up
        } finally {
            AttachConnection.closeQuietly(client);
        }
    }

    /** @return null in the restored process, where nobody waits for an answer */
    private AttachReply checkpoint() {
        try {
            CheckpointResult result = checkpoints.onRequest(options, client);
            if (result.restoreFailure() != null) {
                result.restoreFailure().printStackTrace(); // to the application's stderr, as CRaC does
            }
            return result.restored() ? null : AttachReply.ok(result.report() + "\n");
        } catch (CheckpointBusyException e) {
            return AttachReply.failed("JDK.checkpoint: a checkpoint is already in progress\n");
        } catch (CheckpointException e) {
            return AttachReply.failed(Reasons.explain(e));
        }
    }
}
