// SPDX-License-Identifier: Apache-2.0
package dev.thaw.resources;

import dev.thaw.core.Refusal;
import dev.thaw.patches.OpenTracing;
import java.util.List;

/** Who opened what was refused, as far as it was asked for. */
public final class Openers {
    /** What a message ends with while nobody is asked. */
    public static final String HINT = "; start the JVM with -D" + OpenTracing.PROPERTY + "=true to see where it was opened";
    private static final int LAST_STANDARD = 2;
    /** Classes that open descriptors for others; Netty's also under a name of its user. */
    private static final List<String> PLUMBING = List.of("java.io.FileDescriptor", "sun.nio.ch.IOUtil",
            "sun.nio.ch.EventFD", "sun.nio.fs.LinuxWatchService$Poller");
    private static final List<String> NETTY_PLUMBING =
            List.of("io.netty.channel.unix.FileDescriptor", "io.netty.channel.epoll.Native");

    private Openers() {}

    /** The index of the last refusal whose opener could have been noted, but was not asked for; -1: none. */
    public static int lastToAskFor(List<Refusal> refusals) {
        for (int i = OpenTracing.isInstalled() ? -1 : refusals.size() - 1; i >= 0; i--) {
            if (refusals.get(i).fd() > LAST_STANDARD) {
                return i;
            }
        }
        return -1;
    }

    /** Null: not known. */
    public static Exception placeOf(Refusal refusal) {
        return refusal.fd() < 0 ? null : OpenTracing.placeOf(refusal.fd());
    }

    /** Of a kernel object, which has no name of its own; empty: not known. */
    public static String ownerOf(Refusal refusal) {
        Exception place = refusal.kind() == Refusal.Kind.RESOURCE ? placeOf(refusal) : null;
        if (place == null) {
            return "";
        }
        for (StackTraceElement frame : place.getStackTrace()) {
            if (!isPlumbing(frame.getClassName())) {
                return "; it belongs to " + frame.getClassName();
            }
        }
        return "";
    }

    private static boolean isPlumbing(String type) {
        return PLUMBING.contains(type) || NETTY_PLUMBING.stream().anyMatch(type::endsWith);
    }
}
