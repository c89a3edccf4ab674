// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Memory that only native code makes: private mappings of files, written to, zeroed and discarded again, and
 * anonymous memory that is mapped over.
 *
 * <p>{@code RawMemory FILE} makes FILE, {@link #FILE_PAGES} pages of 0xfe, and maps it twice: {@code few}, of
 * which few pages are copied, and {@code most}. Commands on stdin: {@code show} prints the bytes of each mapping,
 * page by page; {@code discard} drops pages of each that were copied; {@code map-over} replaces a part of the
 * anonymous one; {@code guard} makes two of its pages guards; {@code descriptors N} opens N; {@code limit} prints the limit of open files.
 */
public final class RawMemory {
    public static final int FILE_PAGES = 256;

    private static final int PAGE_BYTES = 4096;
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_PRIVATE = 2;
    private static final int MAP_FIXED = 0x10;
    private static final int MAP_ANONYMOUS = 0x20;
    private static final int MADV_DONTNEED = 4;
    private static final int MADV_GUARD_INSTALL = 102;
    private static final byte OF_FILE = (byte) 0xfe;
    private static final byte COPIED = 0x11;
    private static final byte ANONYMOUS = 0x33;
    private static final byte MAPPED_OVER = 0x44;

    private static final AddressLayout POINTER = ValueLayout.ADDRESS;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final MethodHandle MMAP =
            function("mmap", FunctionDescriptor.of(POINTER, POINTER, LONG, INT, INT, INT, LONG));
    private static final MethodHandle MADVISE = function("madvise", FunctionDescriptor.of(INT, POINTER, LONG, INT));
    private static final MethodHandle OPEN = function("open", FunctionDescriptor.of(INT, POINTER, INT));
    private static final MethodHandle CLOSE = function("close", FunctionDescriptor.of(INT, INT));

    private final MemorySegment few;
    private final MemorySegment most;
    private final MemorySegment anonymous;
    private final List<AutoCloseable> open = new ArrayList<>();

    private RawMemory(Path file) throws Throwable {
        byte[] content = new byte[FILE_PAGES * PAGE_BYTES];
        MemorySegment.ofArray(content).fill(OF_FILE);
        Files.write(file, content);
        few = mapped(file);
        most = mapped(file);
        anonymous = map(0, FILE_PAGES, MAP_PRIVATE | MAP_ANONYMOUS, -1);
        pages(few, 0, 16).fill(COPIED);
        pages(few, 16, 32).fill((byte) 0);
        pages(most, 0, 192).fill(COPIED);
        pages(most, 192, 200).fill((byte) 0);
        anonymous.fill(ANONYMOUS);
    }

    public static void main(String[] args) throws Throwable {
        RawMemory memory = new RawMemory(Path.of(args[0]));
        System.out.println("ready");
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            memory.obey(line.split(" "));
        }
    }

    private void obey(String[] words) throws Throwable {
        switch (words[0]) {
            case "show" -> System.out.println(
                    "few " + shown(few) + " most " + shown(most) + " anonymous " + shown(anonymous));
            case "discard" -> discard();
            case "map-over" -> mapOver();
            case "guard" -> guard();
            case "descriptors" -> openDescriptors(Integer.parseInt(words[1]));
            case "limit" -> Files.readAllLines(Path.of("/proc/self/limits")).stream()
                    .filter(line -> line.startsWith("Max open files")).forEach(System.out::println);
            default -> System.out.println("unknown command " + words[0]);
        }
    }

    private void discard() throws Throwable {
        for (MemorySegment pages : List.of(pages(few, 8, 24), pages(most, 8, 64))) {
            mustBeZero("madvise", (int) MADVISE.invokeExact(pages, pages.byteSize(), MADV_DONTNEED));
        }
        System.out.println("discarded");
    }

    private void mapOver() throws Throwable {
        long middle = anonymous.address() + 64 * PAGE_BYTES;
        map(middle, 64, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1).fill(MAPPED_OVER);
        System.out.println("mapped over");
    }

    /** Linux 6.13 and newer: others know no such advice. */
    private void guard() throws Throwable {
        MemorySegment pages = pages(anonymous, 64, 66);
        int result = (int) MADVISE.invokeExact(pages, pages.byteSize(), MADV_GUARD_INSTALL);
        System.out.println(result == 0 ? "guarded" : "no guards");
    }

    private void openDescriptors(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            open.add(new FileInputStream("/dev/null"));
        }
        System.out.println("opened " + count);
    }

    /** Runs of pages with one byte all over: "11x16 0x16 fex224"; "mixed" where a page holds several. */
    private static String shown(MemorySegment memory) {
        StringBuilder text = new StringBuilder();
        String last = "";
        int run = 0;
        for (int page = 0; page < FILE_PAGES; page++) {
            String content = contentOf(pages(memory, page, page + 1));
            if (!content.equals(last) && run > 0) {
                text.append(last).append('x').append(run).append(' ');
                run = 0;
            }
            last = content;
            run++;
        }
        return text.append(last).append('x').append(run).toString();
    }

    private static String contentOf(MemorySegment page) {
        byte first = page.get(ValueLayout.JAVA_BYTE, 0);
        for (long at = 0; at < PAGE_BYTES; at++) {
            if (page.get(ValueLayout.JAVA_BYTE, at) != first) {
                return "mixed";
            }
        }
        return Integer.toHexString(Byte.toUnsignedInt(first));
    }

    private static MemorySegment pages(MemorySegment memory, int from, int to) {
        return memory.asSlice((long) from * PAGE_BYTES, (long) (to - from) * PAGE_BYTES);
    }

    private static MemorySegment mapped(Path file) throws Throwable {
        try (Arena arena = Arena.ofConfined()) {
            int fd = (int) OPEN.invokeExact(arena.allocateFrom(file.toString()), 0);
            MemorySegment memory = map(0, FILE_PAGES, MAP_PRIVATE, fd);
            mustBeZero("close", (int) CLOSE.invokeExact(fd));
            return memory;
        }
    }

    @SuppressWarnings("restricted")
    private static MemorySegment map(long address, int pages, int flags, int fd) throws Throwable {
        long bytes = (long) pages * PAGE_BYTES;
        MemorySegment memory = (MemorySegment) MMAP.invokeExact(MemorySegment.ofAddress(address), bytes,
                PROT_READ_WRITE, flags, fd, 0L);
        if (memory.address() == -1) {
            throw new IllegalStateException("mmap failed");
        }
        return memory.reinterpret(bytes);
    }

    @SuppressWarnings("restricted")
    private static MethodHandle function(String name, FunctionDescriptor type) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().find(name).orElseThrow(), type);
    }

    private static void mustBeZero(String call, int result) {
        if (result != 0) {
            throw new IllegalStateException(call + " failed");
        }
    }
}
