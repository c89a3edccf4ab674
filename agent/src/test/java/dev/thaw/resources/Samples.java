// SPDX-License-Identifier: Apache-2.0
package dev.thaw.resources;

import java.net.SocketAddress;

/** Open descriptors for tests. */
final class Samples {
    private Samples() {}

    static OpenDescriptor file(int fd, String path) {
        return new OpenDescriptor(fd, 1, fd, 0x81a4, path, true, null);
    }

    static OpenDescriptor readOnly(int fd, String path) {
        return new OpenDescriptor(fd, 1, fd, 0x81a4, path, false, null);
    }

    static OpenDescriptor pipe(int fd) {
        return new OpenDescriptor(fd, 1, fd, 0x1180, "pipe:[" + fd + "]", true, null);
    }

    static OpenDescriptor fifo(int fd, String path) {
        return new OpenDescriptor(fd, 1, fd, 0x11a4, path, false, null);
    }

    static OpenDescriptor epoll(int fd) {
        return new OpenDescriptor(fd, 1, fd, 0x180, "anon_inode:[eventpoll]", true, null);
    }

    static OpenDescriptor socket(int fd, int family, boolean dual, SocketAddress local, SocketAddress remote,
            boolean listening) {
        return new OpenDescriptor(fd, 1, fd, 0xc1ff, "socket:[" + fd + "]", true,
                new SocketName(family, 1, dual, local, remote, listening));
    }
}
