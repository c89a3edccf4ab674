// SPDX-License-Identifier: Apache-2.0
package dev.thaw.resources;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.FileSystems;
import java.nio.file.PathMatcher;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/** What a rule of type socket asks of one of the two addresses. */
final class SocketFilter {
    private enum Family { ANY, IPV4, IPV6, IP, UNIX }

    private static final String ANY = "*";

    private final Family family;
    private final String address;
    private final String port;
    private final PathMatcher path;
    /** Null: any, or unknown. */
    private final InetAddress resolved;
    private final int portNumber;

    private SocketFilter(Map<String, String> parameters, String side) {
        family = family(parameters.get("family"));
        address = parameters.get(side + "Address");
        port = parameters.get(side + "Port");
        String glob = parameters.get(side + "Path");
        path = glob == null ? null : FileSystems.getDefault().getPathMatcher("glob:" + glob);
        resolved = address == null || address.equals(ANY) ? null : resolve(address);
        portNumber = port == null || port.equals(ANY) ? 0 : portNumber(port);
    }

    /** @throws IllegalArgumentException if a value is none, with a message that says which */
    static Predicate<OpenDescriptor> of(Map<String, String> parameters) {
        SocketFilter local = new SocketFilter(parameters, "local");
        SocketFilter remote = new SocketFilter(parameters, "remote");
        String listening = parameters.get("listening");
        return descriptor -> {
            SocketName socket = descriptor.socket();
            return socket != null
                    && local.matches(socket.local(), socket.isLocalWildcardOfBoth())
                    && remote.matches(socket.remote(), false)
                    && (listening == null || Boolean.parseBoolean(listening) == socket.listening());
        };
    }

    /** An address that is not there is of any family, but is not {@code *}. */
    private boolean matches(SocketAddress actual, boolean ofBothFamilies) {
        if (actual != null && !isOfFamily(actual, ofBothFamilies)) {
            return false;
        }
        if (address != null || port != null) {
            return actual instanceof InetSocketAddress inet
                    && (address == null || address.equals(ANY) || isAddress(inet.getAddress(), ofBothFamilies))
                    && (port == null || port.equals(ANY) || portNumber == inet.getPort());
        }
        return path == null || actual instanceof UnixDomainSocketAddress unix && path.matches(unix.getPath());
    }

    private boolean isOfFamily(SocketAddress actual, boolean ofBothFamilies) {
        InetAddress inet = actual instanceof InetSocketAddress address ? address.getAddress() : null;
        return switch (family) {
            case ANY -> true;
            case IPV4 -> inet instanceof Inet4Address || ofBothFamilies;
            case IPV6 -> inet instanceof Inet6Address;
            case IP -> inet != null;
            case UNIX -> actual instanceof UnixDomainSocketAddress;
        };
    }

    private boolean isAddress(InetAddress actual, boolean ofBothFamilies) {
        return actual.equals(resolved) || ofBothFamilies && resolved != null && resolved.isAnyLocalAddress();
    }

    private static Family family(String name) {
        return switch (name == null ? "" : name.toLowerCase(Locale.ROOT)) {
            case "" -> Family.ANY;
            case "ipv4", "inet4" -> Family.IPV4;
            case "ipv6", "inet6" -> Family.IPV6;
            case "ip", "inet" -> Family.IP;
            case "unix" -> Family.UNIX;
            default -> throw new IllegalArgumentException(
                    "family: " + name + " is none of ipv4, inet4, ipv6, inet6, ip, inet, unix");
        };
    }

    /** As CRaC: a name that has no address matches nothing. */
    private static InetAddress resolve(String name) {
        try {
            return InetAddress.getByName(name);
        } catch (UnknownHostException e) {
            return null;
        }
    }

    private static int portNumber(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("port " + text + " is neither a number nor *");
        }
    }
}
