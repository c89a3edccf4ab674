// SPDX-License-Identifier: Apache-2.0
package dev.thaw.checkpoint;

import dev.thaw.core.CoreException;
import java.nio.channels.SocketChannel;

/** The number of a channel's file descriptor, which the JDK keeps to itself (sun.nio.ch.SelChImpl.getFDVal). */
final class ClientDescriptor {
    private ClientDescriptor() {}

    static int of(SocketChannel channel) {
        try {
            return (int) Class.forName("sun.nio.ch.SelChImpl").getMethod("getFDVal").invoke(channel);
        } catch (ReflectiveOperationException e) {
            throw new CoreException("this JDK does not show the file descriptor of a SocketChannel", e);
        }
    }
}
