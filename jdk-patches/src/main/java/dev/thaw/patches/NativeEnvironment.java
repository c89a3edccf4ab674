// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import dev.thaw.core.Foreign;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * libc's {@code char **environ}: what getenv(3) of native code reads, and what children inherit. What it pointed to
 * stays: native code may hold a string of it.
 */
final class NativeEnvironment {
    private static final VarHandle POINTER = ValueLayout.JAVA_LONG.varHandle();

    private final MemorySegment environ;
    private final MethodHandle tzset;

    NativeEnvironment() {
        environ = Foreign.memory(symbol("environ").address(), Long.BYTES);
        // It returns nothing. Called as int(void) it shares the code that is spun for thaw_load_all.
        tzset = Foreign.downcall(symbol("tzset"), FunctionDescriptor.of(ValueLayout.JAVA_INT));
    }

    private static MemorySegment symbol(String name) {
        return Foreign.libc(name).orElseThrow(() -> new IllegalStateException("libc has no " + name));
    }

    /**
     * A program may have a copy of the variable, which then is the one in use.
     *
     * @param read what the JDK's native code finds: name, value, name, …
     * @throws IllegalStateException if it reads another variable
     */
    void check(byte[][] read) {
        if (read.length == 0) {
            return;
        }
        long strings = (long) POINTER.getVolatile(environ, 0L);
        long first = strings == 0 ? 0 : Foreign.memory(strings, Long.BYTES).get(ValueLayout.JAVA_LONG, 0);
        byte[] name = read[0];
        boolean isSame = first != 0 && Arrays.equals(name,
                Foreign.memory(first, name.length).toArray(ValueLayout.JAVA_BYTE));
        if (!isSame) {
            throw new IllegalStateException("libc's environ is not the one that the JDK reads");
        }
    }

    /**
     * Memory like that of environ, for ever.
     *
     * @param block NAME=value, a NUL behind each
     */
    static MemorySegment copy(byte[] block) {
        int count = 0;
        for (byte each : block) {
            count += each == 0 ? 1 : 0;
        }
        long strings = (count + 1L) * Long.BYTES;
        MemorySegment memory = Arena.global().allocate(strings + block.length, Long.BYTES);
        MemorySegment.copy(block, 0, memory, ValueLayout.JAVA_BYTE, strings, block.length);
        int entry = 0;
        int start = 0;
        for (int i = 0; i < block.length; i++) {
            if (block[i] == 0) {
                memory.setAtIndex(ValueLayout.JAVA_LONG, entry++, memory.address() + strings + start);
                start = i + 1;
            }
        }
        return memory;
    }

    /** Also tells libc's clock functions, which keep the TZ they saw first. */
    void replace(MemorySegment copy) {
        POINTER.setVolatile(environ, 0L, copy.address());
        readTimeZone();
    }

    void readTimeZone() {
        try {
            int ignored = (int) tzset.invokeExact();
        } catch (Throwable e) {
            throw new AssertionError("tzset throws nothing", e);
        }
    }
}
