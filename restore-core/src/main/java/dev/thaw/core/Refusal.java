// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

/**
 * Something open that a snapshot cannot carry.
 *
 * @param fd      -1 where there is none
 * @param pid     of a child process, else 0
 * @param mapping address of a mapping, else 0
 * @param local   socket address as text, empty where there is none
 * @param remote  the peer's
 * @param name    a path, or the kernel's name of the thing
 */
public record Refusal(Reason reason, int fd, int pid, long mapping, String local, String remote, String name) {
    /** Which exception of jdk.crac fits. */
    public enum Kind { FILE, SOCKET, RESOURCE }

    /** {@code enum thaw_refusal_reason}, in its order. */
    public enum Reason {
        CONNECTION(Kind.SOCKET), UNIX_CONNECTION(Kind.SOCKET), SOCKET(Kind.SOCKET),
        WRITABLE_FILE(Kind.FILE), DELETED_FILE(Kind.FILE), PIPE(Kind.RESOURCE), DEVICE(Kind.FILE),
        ANON_INODE(Kind.RESOURCE), EPOLL_WATCH(Kind.RESOURCE), CHILD(Kind.RESOURCE),
        SHARED_MAPPING(Kind.FILE), MAPPING(Kind.RESOURCE),
        FILE_POLICY(Kind.FILE), SOCKET_POLICY(Kind.SOCKET), RESOURCE_POLICY(Kind.RESOURCE), UNREAD_EVENTS(Kind.RESOURCE);

        private final Kind kind;

        Reason(Kind kind) {
            this.kind = kind;
        }
    }

    public Kind kind() {
        return reason.kind;
    }

    /** One sentence: what it is and what to do about it. */
    public String message() {
        return RefusalText.of(this);
    }
}
