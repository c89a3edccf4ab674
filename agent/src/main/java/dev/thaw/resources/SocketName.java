// SPDX-License-Identifier: Apache-2.0
package dev.thaw.resources;

import java.net.InetSocketAddress;
import java.net.SocketAddress;

/**
 * A socket as rules see it.
 *
 * @param family    AF_INET, …
 * @param type      SOCK_STREAM, …
 * @param dual      AF_INET6, but serving IPv4 as well
 * @param local     null: not bound
 * @param remote    null: not connected
 * @param listening whether it accepts connections
 */
record SocketName(int family, int type, boolean dual, SocketAddress local, SocketAddress remote, boolean listening) {
    static final int AF_UNIX = 1;
    static final int AF_INET = 2;
    static final int AF_INET6 = 10;
    private static final int SOCK_STREAM = 1;
    private static final int SOCK_DGRAM = 2;

    /** The wildcard address of a socket that serves both families stands for either. */
    boolean isLocalWildcardOfBoth() {
        return dual && local instanceof InetSocketAddress inet && inet.getAddress().isAnyLocalAddress();
    }

    String description() {
        StringBuilder text = new StringBuilder(protocol());
        text.append(" local ").append(text(local));
        if (remote != null) {
            text.append(" remote ").append(text(remote));
        }
        if (listening) {
            text.append(" listening");
        }
        return text.toString();
    }

    private String protocol() {
        if (family == AF_UNIX) {
            return "unix";
        }
        if (family != AF_INET && family != AF_INET6) {
            return "family " + family;
        }
        return switch (type) {
            case SOCK_STREAM -> "tcp";
            case SOCK_DGRAM -> "udp";
            default -> "raw";
        };
    }

    private static String text(SocketAddress address) {
        if (address instanceof InetSocketAddress inet) {
            String host = inet.getAddress().getHostAddress();
            return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + inet.getPort();
        }
        String text = address == null ? "" : address.toString();
        return text.isEmpty() ? "unnamed" : text;
    }
}
