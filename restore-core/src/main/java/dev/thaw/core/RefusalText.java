// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

/** A refusal as one sentence: what it is, where, and what to do about it. */
final class RefusalText {
    private static final String CLOSE_AND_OPEN = "close it in beforeCheckpoint and open it again in afterRestore";
    private static final String CLOSE_AND_CONNECT = "close it in beforeCheckpoint and connect again in afterRestore";

    private RefusalText() {}

    static String of(Refusal refusal) {
        return switch (refusal.reason()) {
            case CONNECTION -> sentence(refusal, "established TCP connection", peers(refusal), connectAgain());
            case UNIX_CONNECTION -> sentence(refusal, "connected Unix socket", peers(refusal), CLOSE_AND_CONNECT);
            case SOCKET -> sentence(refusal, socketKind(refusal), peers(refusal), CLOSE_AND_OPEN);
            case WRITABLE_FILE -> sentence(refusal, "file open for writing", refusal.name(), CLOSE_AND_OPEN);
            case DELETED_FILE -> sentence(refusal, "open file that is no longer at its path", refusal.name(),
                    "close it in beforeCheckpoint");
            case PIPE -> sentence(refusal, "pipe that leads out of this process", refusal.name(), CLOSE_AND_OPEN);
            case DEVICE -> sentence(refusal, "open device", refusal.name(), CLOSE_AND_OPEN);
            case ANON_INODE -> sentence(refusal, "kernel object", refusal.name(), CLOSE_AND_OPEN);
            case EPOLL_WATCH -> sentence(refusal, "epoll that watches a file whose descriptor is closed",
                    refusal.name(), "remove a file from its selector before its descriptor is closed");
            case CHILD -> child(refusal);
            case SHARED_MAPPING -> sentence(refusal, "writable shared mapping of", refusal.name(),
                    "it is not a file at its path; unmap it in beforeCheckpoint and map it again in afterRestore");
            case MAPPING -> sentence(refusal, "mapping of a kind that Thaw does not know", refusal.name(),
                    "unmap it in beforeCheckpoint");
            case UNREAD_EVENTS -> sentence(refusal, "unread events of", refusal.name(),
                    "try again when they are read, or close it in beforeCheckpoint");
            case FILE_POLICY -> policy(refusal, "open file", refusal.name());
            case SOCKET_POLICY -> policy(refusal, socketKind(refusal), peers(refusal));
            case RESOURCE_POLICY -> policy(refusal, "kernel object", refusal.name());
        };
    }

    private static String policy(Refusal refusal, String what, String name) {
        return sentence(refusal, what, name,
                "its resource policy says error; close it in beforeCheckpoint, or change the policy");
    }

    private static String sentence(Refusal refusal, String what, String name, String remedy) {
        return what + (name.isEmpty() ? "" : " " + name) + place(refusal) + ": " + remedy;
    }

    /** Which of the connections is the debugger's, nobody says. */
    private static String connectAgain() {
        return Debugger.isAttached()
                ? CLOSE_AND_CONNECT + "; where it is that of the debugger (JDWP), detach the debugger"
                : CLOSE_AND_CONNECT;
    }

    private static String place(Refusal refusal) {
        if (refusal.mapping() != 0) {
            return " (at 0x%x)".formatted(refusal.mapping());
        }
        return refusal.fd() >= 0 ? " (fd %d)".formatted(refusal.fd()) : "";
    }

    private static String peers(Refusal refusal) {
        return refusal.remote().isEmpty() ? refusal.local() : refusal.local() + " -> " + refusal.remote();
    }

    private static String socketKind(Refusal refusal) {
        return refusal.name().isEmpty() ? "socket" : refusal.name();
    }

    private static String child(Refusal refusal) {
        String who = refusal.pid() == 0 ? "" : " %s (pid %d)".formatted(refusal.name(), refusal.pid());
        return "running child process" + who + ": wait for its end, or end it, in beforeCheckpoint";
    }
}
