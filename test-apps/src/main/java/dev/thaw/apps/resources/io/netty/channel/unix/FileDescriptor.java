// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.resources.io.netty.channel.unix;

/** Has the name, as a relocated copy would, and the field of Netty's class that holds each descriptor it opens. */
public final class FileDescriptor {
    private final int fd;

    public FileDescriptor(int fd) {
        this.fd = fd;
    }

    @Override
    public String toString() {
        return "FileDescriptor " + fd;
    }
}
