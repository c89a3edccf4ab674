// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core.image;

/**
 * A file descriptor that a restore opens again.
 *
 * @param sameAs  the descriptor it is a duplicate of, or -1
 * @param path    empty where it has none
 * @param address of a socket as text, empty where it has none
 */
public record Descriptor(int fd, Kind kind, int sameAs, int peer, String path, long position, String address) {
    /** {@code enum descriptor_kind}, in its order. */
    public enum Kind {
        STDIO("standard stream"), SAME("duplicate"), FILE("file"), DEVICE("device"), EPOLL("epoll"),
        EVENTFD("eventfd"), PIPE_READ("pipe, reading end"), PIPE_WRITE("pipe, writing end"), SOCKET("TCP socket"),
        UNIX_LISTENER("listening Unix socket"), DEAD_SOCKET("socket without a peer"), TIMERFD("timerfd"),
        WRITABLE_FILE("file, written to"), FIFO("FIFO"), CLOSED("closed by policy"), UDP("UDP socket"),
        UNIX_PAIR("Unix socketpair"), UNIX_DATAGRAM("Unix datagram socket"), INOTIFY("inotify"),
        SIGNALFD("signalfd"), MEMFD("memfd");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        public String text() {
            return text;
        }
    }
}
