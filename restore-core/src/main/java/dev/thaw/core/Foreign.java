// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Path;
import java.util.Optional;

/** The restricted methods of java.lang.foreign, called as java.base calls them (see {@link JdkAccess}). */
public final class Foreign {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup DEFAULT = LINKER.defaultLookup();
    private static final MethodHandles.Lookup CALLER = JdkAccess.restrictedCaller();
    private static final MethodHandle DOWNCALL = find(Linker.class, "downcallHandle", MethodType.methodType(
            MethodHandle.class, MemorySegment.class, FunctionDescriptor.class, Linker.Option[].class));
    private static final MethodHandle REINTERPRET = find(MemorySegment.class, "reinterpret",
            MethodType.methodType(MemorySegment.class, long.class));
    private static final MethodHandle LIBRARY = findStatic(SymbolLookup.class, "libraryLookup",
            MethodType.methodType(SymbolLookup.class, Path.class, Arena.class));

    private Foreign() {}

    private static MethodHandle find(Class<?> owner, String name, MethodType type) {
        try {
            return CALLER.findVirtual(owner, name, type).asFixedArity();
        } catch (ReflectiveOperationException e) {
            throw new CoreException(owner.getName() + "." + name + " is not as in JDK 22-25: " + e, e);
        }
    }

    private static MethodHandle findStatic(Class<?> owner, String name, MethodType type) {
        try {
            return CALLER.findStatic(owner, name, type);
        } catch (ReflectiveOperationException e) {
            throw new CoreException(owner.getName() + "." + name + " is not as in JDK 22-25: " + e, e);
        }
    }

    public static MethodHandle downcall(MemorySegment function, FunctionDescriptor type, Linker.Option... options) {
        try {
            return (MethodHandle) DOWNCALL.invokeExact(LINKER, function, type, options);
        } catch (Throwable e) {
            throw new CoreException("cannot link " + type + ": " + e, e);
        }
    }

    /** The memory at an address, whoever owns it. */
    public static MemorySegment memory(long address, long bytes) {
        try {
            return (MemorySegment) REINTERPRET.invokeExact(MemorySegment.ofAddress(address), bytes);
        } catch (Throwable e) {
            throw new CoreException("cannot address %d bytes at 0x%x: %s".formatted(bytes, address, e), e);
        }
    }

    /** A copy of so many bytes at an address. */
    public static byte[] bytes(long address, int count) {
        byte[] bytes = new byte[count];
        MemorySegment.copy(memory(address, count), ValueLayout.JAVA_BYTE, 0, bytes, 0, count);
        return bytes;
    }

    /** Loads a library, for ever. */
    public static SymbolLookup library(Path path) {
        try {
            return (SymbolLookup) LIBRARY.invokeExact(path, Arena.global());
        } catch (Throwable e) {
            throw new CoreException("cannot load " + path + ": " + e.getMessage(), e);
        }
    }

    /** A symbol of libc. */
    public static Optional<MemorySegment> libc(String symbol) {
        return DEFAULT.find(symbol);
    }
}
