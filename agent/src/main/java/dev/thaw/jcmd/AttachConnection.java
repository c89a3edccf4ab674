// SPDX-License-Identifier: Apache-2.0
package dev.thaw.jcmd;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;

/** One client and its one request. */
record AttachConnection(SocketChannel client, Commands commands) implements Runnable {
    @Override
    public void run() {
        boolean handedOver = false;
        try {
            handedOver = serveOrSay();
        } catch (IOException e) {
            // the client hung up, or HotSpot did, or this is a restored process: nobody is there to be told
        } finally {
            if (!handedOver) {
                closeQuietly(client);
            }
        }
    }

    private boolean serveOrSay() throws IOException {
        try {
            return serve();
        } catch (RuntimeException | Error e) {
            AttachReply.failed("Thaw failed: " + e + "\n").writeTo(client);
            return false;
        }
    }

    private boolean serve() throws IOException {
        AttachRequest request;
        try {
            request = AttachRequest.read(new BufferedInputStream(Channels.newInputStream(client)));
        } catch (AttachRequest.BadVersionException e) {
            new AttachReply(AttachReply.BAD_VERSION, "").writeTo(client);
            return false;
        }
        return request != null && commands.execute(request, client);
    }

    static void closeQuietly(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // closed is what it was to be
        }
    }
}
