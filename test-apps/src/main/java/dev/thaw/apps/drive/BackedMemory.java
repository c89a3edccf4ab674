// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.drive;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;

/**
 * A virtual machine may lend its free memory to its host (free page reporting), and whoever takes it next pays 2 to 5 ms for
 * 2 MiB: that is no part of what is measured.
 */
public final class BackedMemory {
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_PRIVATE_ANONYMOUS_NORESERVE = 0x4022;
    private static final int MADV_HUGEPAGE = 14;
    private static final int MADV_POPULATE_WRITE = 23;

    private BackedMemory() {}

    /** Takes so much of the kernel, by huge pages where it can, and gives it back. */
    public static void takeBack(long bytes) {
        long memory = call("mmap", 0L, bytes, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS_NORESERVE, -1, 0L);
        call("madvise", memory, bytes, MADV_HUGEPAGE);
        call("madvise", memory, bytes, MADV_POPULATE_WRITE);
        call("munmap", memory, bytes);
    }

    @SuppressWarnings("restricted")
    private static long call(String function, Object... arguments) {
        MemoryLayout[] types = new MemoryLayout[arguments.length];
        for (int i = 0; i < arguments.length; i++) {
            types[i] = arguments[i] instanceof Long ? ValueLayout.JAVA_LONG : ValueLayout.JAVA_INT;
        }
        Linker linker = Linker.nativeLinker();
        try {
            return (long) linker.downcallHandle(linker.defaultLookup().find(function).orElseThrow(),
                    FunctionDescriptor.of(ValueLayout.JAVA_LONG, types)).invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw new IllegalStateException(function + " could not be called", e);
        }
    }
}
