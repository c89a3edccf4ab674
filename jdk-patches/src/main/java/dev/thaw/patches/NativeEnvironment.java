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

    private static final long RESERVED_BYTES = 8192;

    private final MemorySegment environ;
    private final MethodHandle tzset;
    private MemorySegment reserved;

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

    /** Before a checkpoint: in the restored process malloc would have to ask for pages, and each new one is a fault. */
    void reserve() {
        if (reserved == null) {
            reserved = Arena.global().allocate(RESERVED_BYTES, Long.BYTES);
            reserved.fill((byte) 1); // zeros are not part of a snapshot
        }
    }

    private MemorySegment room(long bytes) {
        MemorySegment room = reserved;
        if (room == null || room.byteSize() < bytes) {
            return Arena.global().allocate(bytes, Long.BYTES);
        }
        reserved = null;
        return room;
    }

    /**
     * Memory like that of environ, for ever.
     *
     * @param block NAME=value, a NUL behind each
     */
    MemorySegment copy(byte[] block) {
        int count = 0;
        for (byte each : block) {
            count += each == 0 ? 1 : 0;
        }
        long[] strings = new long[count + 1];
        long size = (long) strings.length * Long.BYTES;
        MemorySegment memory = room(size + block.length);
        long start = memory.address() + size;
        for (int i = 0, first = 0, entry = 0; i < block.length; i++) {
            if (block[i] == 0) {
                if (i > first) { // the JDK's code reads beyond an empty one
                    strings[entry++] = start;
                }
                first = i + 1;
                start = memory.address() + size + first;
            }
        }
        MemorySegment.copy(strings, 0, memory, ValueLayout.JAVA_LONG, 0, strings.length);
        MemorySegment.copy(block, 0, memory, ValueLayout.JAVA_BYTE, size, block.length);
        return memory;
    }

    boolean isCleared() {
        return (long) POINTER.getVolatile(environ, 0L) == 0;
    }

    void replace(MemorySegment copy) {
        set(environ, copy.address());
    }

    /** What {@link #replace} does, to memory of its own. */
    void warmUp() {
        set(Arena.global().allocate(ValueLayout.JAVA_LONG), 0);
    }

    private static void set(MemorySegment variable, long address) {
        POINTER.setVolatile(variable, 0L, address);
    }

    /** libc's clock functions keep the TZ they saw first. */
    void readTimeZone() {
        try {
            int ignored = (int) tzset.invokeExact();
        } catch (Throwable e) {
            throw new AssertionError("tzset throws nothing", e);
        }
    }
}
