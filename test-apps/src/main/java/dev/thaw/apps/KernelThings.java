// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** What Java itself cannot open, opened by libc. */
@SuppressWarnings("restricted")
final class KernelThings {
    private static final long IO_URING_SETUP = 425;
    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW = 3;
    private static final Linker LINKER = Linker.nativeLinker();

    private KernelThings() {}

    /** -1 where the kernel has none. */
    static long ioUring() throws Throwable {
        MethodHandle syscall = libc("syscall", FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT, ValueLayout.ADDRESS), Linker.Option.firstVariadicArg(1));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment parameters = arena.allocate(120);
            return (long) syscall.invokeExact(IO_URING_SETUP, 4, parameters);
        }
    }

    static AutoCloseable netlink() throws Throwable {
        int fd = (int) libc("socket", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT, ValueLayout.JAVA_INT)).invokeExact(AF_NETLINK, SOCK_RAW, 0);
        MethodHandle close = libc("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        return () -> {
            try {
                close.invokeWithArguments(fd);
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        };
    }

    private static MethodHandle libc(String name, FunctionDescriptor type, Linker.Option... options) {
        return LINKER.downcallHandle(LINKER.defaultLookup().find(name).orElseThrow(), type, options);
    }
}
