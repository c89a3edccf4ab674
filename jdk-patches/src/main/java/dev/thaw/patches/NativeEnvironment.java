// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import dev.thaw.core.Foreign;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * libc's {@code char **environ}: what getenv(3) of native code reads, and what children inherit. What it pointed to
 * stays: native code may hold a string of it.
 */
final class NativeEnvironment {
    private static final VarHandle POINTER = ValueLayout.JAVA_LONG.varHandle();
    private static final long NAME_BYTES = 4096;

    private final MemorySegment environ;
    private final MethodHandle getenv;
    private final MethodHandle tzset;

    NativeEnvironment() {
        environ = Foreign.memory(symbol("environ").address(), Long.BYTES);
        getenv = Foreign.downcall(symbol("getenv"), FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.ADDRESS));
        tzset = Foreign.downcall(symbol("tzset"), FunctionDescriptor.ofVoid());
    }

    private static MemorySegment symbol(String name) {
        return Foreign.libc(name).orElseThrow(() -> new IllegalStateException("libc has no " + name));
    }

    /**
     * A program may have a copy of the variable, which then is the one in use.
     *
     * @throws IllegalStateException if libc reads another variable
     */
    void check() {
        long strings = (long) POINTER.getVolatile(environ, 0L);
        long first = strings == 0 ? 0 : Foreign.memory(strings, Long.BYTES).get(ValueLayout.JAVA_LONG, 0);
        if (first == 0) {
            return;
        }
        int equals = 0;
        MemorySegment text = Foreign.memory(first, NAME_BYTES);
        while (text.get(ValueLayout.JAVA_BYTE, equals) != '=' && text.get(ValueLayout.JAVA_BYTE, equals) != 0) {
            equals++;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocate(equals + 1L).copyFrom(text.asSlice(0, equals));
            if ((long) getenv.invokeExact(name) != first + equals + 1) {
                throw new IllegalStateException("libc's environ is not the one that getenv reads");
            }
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("getenv throws nothing", e);
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
            tzset.invokeExact();
        } catch (Throwable e) {
            throw new AssertionError("tzset throws nothing", e);
        }
    }
}
