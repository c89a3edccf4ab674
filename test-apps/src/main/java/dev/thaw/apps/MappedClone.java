// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * {@code MappedClone FILE BYTES}: maps runs of pages of FILE privately into BYTES of reserved addresses and touches them, as
 * its stdin says: {@code map OFFSET PAGES PAGE_OF_FILE}, {@code read OFFSET PAGES}, {@code write OFFSET PAGES}; the offset is of
 * the reserved addresses, in bytes. {@code done} is answered by {@code ready}.
 */
public final class MappedClone {
    /** What one page table covers; the reserved addresses begin at a multiple. */
    static final long TABLE_BYTES = 2 << 20;

    private static final int PAGE_BYTES = 4096;
    private static final int PROT_NONE = 0;
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_PRIVATE = 2;
    private static final int MAP_FIXED = 0x10;
    private static final int MAP_ANONYMOUS = 0x20;
    private static final int MAP_NORESERVE = 0x4000;

    private static final AddressLayout POINTER = ValueLayout.ADDRESS;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final MethodHandle MMAP =
            function("mmap", FunctionDescriptor.of(POINTER, POINTER, LONG, INT, INT, INT, LONG));
    private static final MethodHandle OPEN = function("open", FunctionDescriptor.of(INT, POINTER, INT));

    private final int file;
    private final MemorySegment memory;
    private byte touched;

    @SuppressWarnings("restricted")
    private MappedClone(String path, long bytes) throws Throwable {
        try (Arena arena = Arena.ofConfined()) {
            file = (int) OPEN.invokeExact(arena.allocateFrom(path), 0);
        }
        long reserved = map(0, bytes + TABLE_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        memory = MemorySegment.ofAddress((reserved + TABLE_BYTES - 1) / TABLE_BYTES * TABLE_BYTES).reinterpret(bytes);
    }

    public static void main(String[] args) throws Throwable {
        MappedClone clone = new MappedClone(args[0], Long.parseLong(args[1]));
        System.out.println("started");
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            clone.obey(line.split(" "));
        }
    }

    private void obey(String[] command) throws Throwable {
        if (command[0].equals("done")) {
            System.out.println("ready");
            return;
        }
        long offset = Long.parseLong(command[1]);
        long end = offset + Long.parseLong(command[2]) * PAGE_BYTES;
        switch (command[0]) {
            case "map" -> map(memory.asSlice(offset, end - offset).address(), end - offset, PROT_READ_WRITE,
                    MAP_PRIVATE | MAP_FIXED, file, Long.parseLong(command[3]) * PAGE_BYTES);
            case "read" -> {
                for (long at = offset; at < end; at += PAGE_BYTES) {
                    touched ^= memory.get(ValueLayout.JAVA_BYTE, at);
                }
            }
            case "write" -> {
                for (long at = offset; at < end; at += PAGE_BYTES) {
                    memory.set(ValueLayout.JAVA_BYTE, at, touched);
                }
            }
            default -> throw new IOException("no such command: " + command[0]);
        }
    }

    private static long map(long at, long bytes, int protection, int flags, int file, long offset) throws Throwable {
        MemorySegment mapped = (MemorySegment) MMAP.invokeExact(MemorySegment.ofAddress(at), bytes, protection, flags, file, offset);
        if (mapped.address() == -1) {
            throw new IOException("mmap of %d bytes of descriptor %d at %d failed".formatted(bytes, file, offset));
        }
        return mapped.address();
    }

    @SuppressWarnings("restricted")
    private static MethodHandle function(String name, FunctionDescriptor type) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().find(name).orElseThrow(), type);
    }
}
