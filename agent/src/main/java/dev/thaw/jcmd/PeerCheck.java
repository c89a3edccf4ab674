// SPDX-License-Identifier: Apache-2.0
package dev.thaw.jcmd;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import jdk.net.ExtendedSocketOptions;

/**
 * Only this process's user and root may give commands, as HotSpot has it: it sees us as its peer, so it is on us to
 * ask. The socket's mode, 0600, keeps others out already.
 */
final class PeerCheck {
    boolean allows(SocketChannel client) {
        try {
            UserPrincipal peer = client.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
            return peer.equals(Files.getOwner(Path.of("/proc/self"))) || isRoot(peer.getName());
        } catch (NoClassDefFoundError e) {
            return true; // the application is modular and leaves jdk.net out: the mode has to do
        } catch (IOException e) {
            return false; // it hung up
        }
    }

    /** A user without a name is named by its number. */
    private static boolean isRoot(String name) {
        return name.equals("root") || name.equals("0");
    }
}
