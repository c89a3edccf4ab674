// SPDX-License-Identifier: Apache-2.0
package dev.thaw.resources;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.thaw.core.CoreException;
import dev.thaw.core.Foreign;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** getsockname(2), getpeername(2) and getsockopt(2). */
final class SocketCalls {
    private static final int SOL_SOCKET = 1;
    private static final int SO_TYPE = 3;
    private static final int SO_ACCEPTCONN = 30;
    private static final int SO_DOMAIN = 39;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_V6ONLY = 26;
    private static final int ADDRESS_BYTES = 128;
    private static final int UNKNOWN = -1;
    private static final Charset PATHS = Charset.forName(System.getProperty("sun.jnu.encoding"), StandardCharsets.UTF_8);

    private final MethodHandle localName = ofAddress("getsockname");
    private final MethodHandle remoteName = ofAddress("getpeername");
    private final MethodHandle option = Foreign.downcall(symbol("getsockopt"),
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));

    private static MethodHandle ofAddress(String function) {
        return Foreign.downcall(symbol(function), FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
    }

    private static MemorySegment symbol(String name) {
        return Foreign.libc(name).orElseThrow(() -> new CoreException("libc has no " + name));
    }

    SocketName name(int fd) {
        int family = option(fd, SOL_SOCKET, SO_DOMAIN);
        boolean dual = family == SocketName.AF_INET6 && option(fd, IPPROTO_IPV6, IPV6_V6ONLY) == 0;
        return new SocketName(family, option(fd, SOL_SOCKET, SO_TYPE), dual, bound(address(localName, fd)),
                address(remoteName, fd), option(fd, SOL_SOCKET, SO_ACCEPTCONN) == 1);
    }

    private int option(int fd, int level, int name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(JAVA_INT);
            MemorySegment bytes = arena.allocate(JAVA_INT);
            bytes.set(JAVA_INT, 0, Integer.BYTES);
            int result = (int) option.invokeExact(fd, level, name, value, bytes);
            return result == 0 ? value.get(JAVA_INT, 0) : UNKNOWN;
        } catch (Throwable e) {
            throw new AssertionError("getsockopt: its descriptor does not match", e);
        }
    }

    /** @return null where there is none, or of a family that rules do not know */
    private static SocketAddress address(MethodHandle function, int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(ADDRESS_BYTES);
            MemorySegment bytes = arena.allocate(JAVA_INT);
            bytes.set(JAVA_INT, 0, ADDRESS_BYTES);
            int result = (int) function.invokeExact(fd, memory, bytes);
            int length = Math.min(bytes.get(JAVA_INT, 0), ADDRESS_BYTES);
            return result == 0 ? decode(memory.asSlice(0, length).toArray(JAVA_BYTE)) : null;
        } catch (Throwable e) {
            throw new AssertionError("getsockname or getpeername: a descriptor does not match", e);
        }
    }

    /** A socket that was never bound has the port 0. */
    private static SocketAddress bound(SocketAddress address) {
        return address instanceof InetSocketAddress inet && inet.getPort() == 0 ? null : address;
    }

    /** {@code struct sockaddr_in}, {@code sockaddr_in6} or {@code sockaddr_un}. */
    static SocketAddress decode(byte[] address) throws UnknownHostException {
        int family = address.length < 2 ? UNKNOWN : (address[0] & 0xff) | (address[1] & 0xff) << 8;
        return switch (family) {
            case SocketName.AF_UNIX -> UnixDomainSocketAddress.of(unixPath(address));
            case SocketName.AF_INET -> internet(address, 4, 8);
            case SocketName.AF_INET6 -> internet(address, 8, 24);
            default -> null;
        };
    }

    private static SocketAddress internet(byte[] address, int from, int to) throws UnknownHostException {
        int port = (address[2] & 0xff) << 8 | address[3] & 0xff;
        return new InetSocketAddress(InetAddress.getByAddress(Arrays.copyOfRange(address, from, to)), port);
    }

    /** Empty: it has no name. One outside the file system begins with a NUL, here with an @. */
    private static String unixPath(byte[] address) {
        int start = 2;
        if (address.length > start && address[start] == 0) {
            String name = new String(address, start + 1, address.length - start - 1, PATHS);
            return name.isEmpty() || name.indexOf('\0') == 0 ? "" : "@" + name.replace('\0', '@');
        }
        int end = start;
        while (end < address.length && address[end] != 0) {
            end++;
        }
        return new String(address, start, end - start, PATHS);
    }
}
