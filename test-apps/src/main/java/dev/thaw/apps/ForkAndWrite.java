// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.CRC32C;

/**
 * Native code that reads memory where a lazily loaded page would be missed: in a forked child, in a system call.
 *
 * <p>{@code ForkAndWrite LIBRARY MEGABYTES} (library: fork_and_write.c of the tests). Commands on stdin:
 * {@code fork-native} and {@code fork-heap} print the sum the child found; {@code write PATH} and
 * {@code write-native PATH} write the memory by write(2) and print its result and errno; {@code sums} prints
 * what is right; {@code verify} checks the heap's content in Java.
 */
public final class ForkAndWrite {
    private final byte[] heap;
    private final MemorySegment offHeap;
    private final long heapSum;
    private final long heapCrc;
    private final long offHeapSum;
    private final MethodHandle forkedSum;
    private final MethodHandle forkedSumOfHeap;
    private final MethodHandle writeAll;
    private final MethodHandle writeAllOfHeap;

    @SuppressWarnings("restricted")
    private ForkAndWrite(Path library, int megabytes) {
        SymbolLookup symbols = SymbolLookup.libraryLookup(library, Arena.global());
        FunctionDescriptor sum = FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.ADDRESS,
                ValueLayout.JAVA_LONG);
        FunctionDescriptor write = FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.ADDRESS,
                ValueLayout.ADDRESS, ValueLayout.JAVA_LONG);
        Linker linker = Linker.nativeLinker();
        MemorySegment forkedSumAddress = symbols.find("forked_sum").orElseThrow();
        MemorySegment writeAllAddress = symbols.find("write_all").orElseThrow();
        forkedSum = linker.downcallHandle(forkedSumAddress, sum);
        forkedSumOfHeap = linker.downcallHandle(forkedSumAddress, sum, Linker.Option.critical(true));
        writeAll = linker.downcallHandle(writeAllAddress, write);
        writeAllOfHeap = linker.downcallHandle(writeAllAddress, write, Linker.Option.critical(true));

        heap = new byte[megabytes << 20];
        new Random(42).nextBytes(heap);
        offHeap = Arena.global().allocate(heap.length, 4096);
        MemorySegment.copy(heap, 0, offHeap, ValueLayout.JAVA_BYTE, 0, heap.length);
        heapSum = sumOf(heap);
        offHeapSum = heapSum;
        heapCrc = crcOf(heap);
    }

    public static void main(String[] args) throws Throwable {
        ForkAndWrite app = new ForkAndWrite(Path.of(args[0]), Integer.parseInt(args[1]));
        app.warmUp();
        System.out.println("ready");
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            app.obey(line.split(" "));
        }
    }

    private void warmUp() throws Throwable {
        obey(new String[] {"fork-native"});
        obey(new String[] {"fork-heap"});
        obey(new String[] {"write", "/dev/null"});
        obey(new String[] {"write-native", "/dev/null"});
    }

    private void obey(String[] words) throws Throwable {
        switch (words[0]) {
            case "sums" -> System.out.println("sums " + heapSum + " " + offHeapSum);
            case "fork-native" -> tellSum((long) forkedSum.invokeExact(offHeap, offHeap.byteSize()), offHeapSum);
            case "fork-heap" -> tellSum(
                    (long) forkedSumOfHeap.invokeExact(MemorySegment.ofArray(heap), (long) heap.length), heapSum);
            case "write" -> write(words[1], writeAllOfHeap, MemorySegment.ofArray(heap));
            case "write-native" -> write(words[1], writeAll, offHeap);
            case "verify" -> System.out.println(crcOf(heap) == heapCrc ? "verified" : "heap differs");
            default -> System.out.println("unknown command " + words[0]);
        }
    }

    private static void tellSum(long found, long expected) {
        System.out.println("child's sum " + found + (found == expected ? " is right" : " is not " + expected));
    }

    private void write(String path, MethodHandle call, MemorySegment memory) throws Throwable {
        long result;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(path);
            result = (long) call.invokeExact(name, memory, memory.byteSize());
        }
        if (result == memory.byteSize()) {
            System.out.println("wrote all");
        } else {
            System.out.println(result < 0 ? "errno " + -result : "wrote " + result);
        }
    }

    private static long sumOf(byte[] bytes) {
        long sum = 0;
        for (byte b : bytes) {
            sum = sum * 31 + b;
        }
        return sum;
    }

    private static long crcOf(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, bytes.length);
        return crc.getValue();
    }
}
