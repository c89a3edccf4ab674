// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.options;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.ThreadLocalRandom;

/** {@code FreedNatively MB}: fills native memory and frees it, but for the last block: so malloc cannot shrink its heap. */
public final class FreedNatively {
    private static final int BLOCKS_PER_MEGABYTE = 16;
    private static final int BLOCK_BYTES = (1 << 20) / BLOCKS_PER_MEGABYTE;
    private static final byte LAST = 42;

    private FreedNatively() {}

    @SuppressWarnings("restricted")
    public static void main(String[] args) throws Throwable {
        Linker linker = Linker.nativeLinker();
        MethodHandle malloc = linker.downcallHandle(linker.defaultLookup().find("malloc").orElseThrow(),
                FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
        MethodHandle free = linker.downcallHandle(linker.defaultLookup().find("free").orElseThrow(),
                FunctionDescriptor.ofVoid(ValueLayout.ADDRESS));
        MemorySegment[] blocks = new MemorySegment[Integer.parseInt(args[0]) * BLOCKS_PER_MEGABYTE];
        byte[] random = new byte[BLOCK_BYTES];
        for (int i = 0; i < blocks.length; i++) {
            blocks[i] = ((MemorySegment) malloc.invokeExact((long) BLOCK_BYTES)).reinterpret(BLOCK_BYTES);
            ThreadLocalRandom.current().nextBytes(random);
            MemorySegment.copy(random, 0, blocks[i], ValueLayout.JAVA_BYTE, 0, BLOCK_BYTES);
        }
        MemorySegment last = blocks[blocks.length - 1].fill(LAST);
        for (int i = 0; i < blocks.length - 1; i++) {
            free.invokeExact(blocks[i]);
        }
        System.out.println("freed");
        answer(last);
    }

    private static void answer(MemorySegment last) throws IOException {
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        while (commands.readLine() != null) {
            System.out.println("last " + last.get(ValueLayout.JAVA_BYTE, BLOCK_BYTES - 1));
        }
    }
}
