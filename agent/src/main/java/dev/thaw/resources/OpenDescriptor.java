// SPDX-License-Identifier: Apache-2.0
package dev.thaw.resources;

/**
 * What stands at a number of this process's descriptor table.
 *
 * @param fd       or {@link dev.thaw.core.DescriptorDecision#MAPPING}
 * @param dev      with {@code ino} tells whether it is still the same file
 * @param mode     st_mode; the kernel's nameless objects have no type in it
 * @param name     what /proc/self/fd/N leads to: a path, or the kernel's name of the thing
 * @param writable opened for writing
 * @param socket   null where it is none
 */
record OpenDescriptor(int fd, long dev, long ino, int mode, String name, boolean writable, SocketName socket) {
    /** Which rules concern it. */
    enum Kind { FILE, PIPE, SOCKET, OTHER }

    private static final int S_IFMT = 0xf000;
    private static final int S_IFIFO = 0x1000;
    private static final int S_IFCHR = 0x2000;
    private static final int S_IFDIR = 0x4000;
    private static final int S_IFBLK = 0x6000;
    private static final int S_IFREG = 0x8000;
    private static final int S_IFSOCK = 0xc000;
    private static final String DELETED = " (deleted)";

    Kind kind() {
        if ((mode & S_IFMT) == S_IFSOCK) {
            return Kind.SOCKET;
        }
        if (name.startsWith("pipe:")) {
            return Kind.PIPE;
        }
        return name.startsWith("/") ? Kind.FILE : Kind.OTHER;
    }

    boolean isRegularFile() {
        return (mode & S_IFMT) == S_IFREG;
    }

    /** Of a file; where it is deleted, the one it had. */
    String path() {
        return name.endsWith(DELETED) ? name.substring(0, name.length() - DELETED.length()) : name;
    }

    /** What the {@code regex} of a rule must match as a whole. */
    String description() {
        return typeName() + ": " + (socket == null ? name : socket.description());
    }

    /** As CRaC's warnings call it. */
    String title() {
        return switch (kind()) {
            case FILE -> "File " + path();
            case PIPE -> "Pipe " + name + " (fd " + fd + ")";
            case SOCKET -> "Socket " + (socket == null ? name : socket.description()) + " (fd " + fd + ")";
            case OTHER -> "File descriptor " + fd + " (" + description() + ")";
        };
    }

    private String typeName() {
        return switch (mode & S_IFMT) {
            case S_IFIFO -> "fifo";
            case S_IFCHR -> "character";
            case S_IFDIR -> "directory";
            case S_IFBLK -> "block";
            case S_IFREG -> "regular";
            case S_IFSOCK -> "socket";
            default -> "unknown";
        };
    }
}
