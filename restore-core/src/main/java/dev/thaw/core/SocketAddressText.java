// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** {@code struct sockaddr_storage} as people write it: 127.0.0.1:80, [::1]:80, /path, @abstract. */
public final class SocketAddressText {
    private static final int AF_UNIX = 1;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int FAMILY_BYTES = 2;
    private static final int PORT = 2;
    private static final int INET_ADDRESS = 4;
    private static final int INET6_ADDRESS = 8;
    private static final int GROUPS = 8;

    private SocketAddressText() {}

    /**
     * The empty string for no address.
     *
     * @param address little-endian, from its first byte
     * @param bytes   how many of it the kernel filled
     */
    public static String of(ByteBuffer address, int bytes) {
        if (bytes < FAMILY_BYTES) {
            return "";
        }
        return switch (Short.toUnsignedInt(address.getShort(0))) {
            case 0 -> "";
            case AF_UNIX -> unix(address, Math.min(bytes, address.limit()));
            case AF_INET -> ipv4(address, INET_ADDRESS) + ":" + port(address);
            case AF_INET6 -> isMapped(address)
                    ? ipv4(address, INET6_ADDRESS + 12) + ":" + port(address)
                    : "[" + ipv6(address) + "]:" + port(address);
            default -> "address of family " + address.getShort(0);
        };
    }

    private static String unix(ByteBuffer address, int bytes) {
        boolean isAbstract = bytes > FAMILY_BYTES && address.get(FAMILY_BYTES) == 0;
        int start = isAbstract ? FAMILY_BYTES + 1 : FAMILY_BYTES;
        int end = start;
        while (end < bytes && address.get(end) != 0) {
            end++;
        }
        byte[] name = new byte[end - start];
        address.get(start, name);
        return (isAbstract && name.length > 0 ? "@" : "") + new String(name, StandardCharsets.UTF_8);
    }

    private static int port(ByteBuffer address) {
        return Byte.toUnsignedInt(address.get(PORT)) << 8 | Byte.toUnsignedInt(address.get(PORT + 1));
    }

    private static String ipv4(ByteBuffer address, int at) {
        return "%d.%d.%d.%d".formatted(Byte.toUnsignedInt(address.get(at)), Byte.toUnsignedInt(address.get(at + 1)),
                Byte.toUnsignedInt(address.get(at + 2)), Byte.toUnsignedInt(address.get(at + 3)));
    }

    /** An IPv4 address in an IPv6 socket, ::ffff:a.b.c.d: what Java's sockets have. */
    private static boolean isMapped(ByteBuffer address) {
        return address.getLong(INET6_ADDRESS) == 0 && address.getShort(INET6_ADDRESS + 8) == 0
                && address.getShort(INET6_ADDRESS + 10) == -1;
    }

    /** RFC 5952: the longest run of two or more zero groups becomes "::". */
    private static String ipv6(ByteBuffer address) {
        int zeroStart = -1;
        int zeroCount = 1;
        for (int start = 0; start < GROUPS; start++) {
            int count = 0;
            while (start + count < GROUPS && group(address, start + count) == 0) {
                count++;
            }
            if (count > zeroCount) {
                zeroStart = start;
                zeroCount = count;
            }
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < GROUPS; i++) {
            if (i == zeroStart) {
                text.append("::");
                i += zeroCount - 1;
            } else {
                text.append(text.isEmpty() || text.charAt(text.length() - 1) == ':' ? "" : ":")
                        .append(Integer.toHexString(group(address, i)));
            }
        }
        return text.toString();
    }

    private static int group(ByteBuffer address, int i) {
        int at = INET6_ADDRESS + 2 * i;
        return Byte.toUnsignedInt(address.get(at)) << 8 | Byte.toUnsignedInt(address.get(at + 1));
    }
}
