// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * Native memory that is discarded, mapped over, moved and protected, page by page and by whole page tables, while it is read
 * and written: every page is checked against what its owner knows of it, and a second thread reads along.
 *
 * <p>{@code HostileMemory THREADS PAGES SEED [HEAP_MB [ACT,…]]}: each thread owns an area of so many pages; {@link HostileHeap}
 * does the like to so much of the Java heap; a 0 is none. An {@link Act} may be named several times, to come more often. {@code progress} on stdin waits until each owner and reader has done more, and prints
 * {@code progress ok}; {@code sweep} waits until each owner has checked all that is its own, and prints {@code sweep ok};
 * {@code end} stops, checks all once more and prints {@code ended clean}. What is wrong is printed at once, as {@code wrong …},
 * and again at the end, for by then the process may be a restored one with an output of its own.
 */
public final class HostileMemory {
    private static final int PAGE_BYTES = 4096;
    private static final int MAX_RUN = 24;
    /** That one page table covers: the kernel forgets that, too, when all of it is discarded. */
    private static final int TABLE_PAGES = 512;
    private static final int TABLE_ONE_IN = 16;
    private static final long STEPS_OF_PROGRESS = 300;
    private static final int PROT_READ = 1;
    private static final int PROT_READ_WRITE = 3;
    private static final int PRIVATE_ANONYMOUS = 0x22;
    private static final int MAP_FIXED = 0x10;
    private static final int MADV_DONTNEED = 4;
    /** With MREMAP_DONTUNMAP: in a hole somebody else would map something. */
    private static final int MREMAP_FLAGS = 7;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final MethodHandle MMAP =
            function("mmap", FunctionDescriptor.of(LONG, LONG, LONG, INT, INT, INT, LONG));
    private static final MethodHandle MADVISE = function("madvise", FunctionDescriptor.of(INT, LONG, LONG, INT));
    private static final MethodHandle MPROTECT = function("mprotect", FunctionDescriptor.of(INT, LONG, LONG, INT));
    private static final MethodHandle MREMAP =
            function("mremap", FunctionDescriptor.of(LONG, LONG, LONG, LONG, INT, LONG));

    private static volatile boolean end;
    /** Null as long as nothing was. */
    private static volatile String wrong;

    /** What an owner does to a run of pages; discard and map-over sometimes to a whole page table. */
    private enum Act {
        DISCARD, MAP_OVER, PROTECT, MOVE, WRITE, READ;

        static List<Act> named(String list) {
            return Stream.of(list.split(",")).map(name -> valueOf(name.toUpperCase(Locale.ROOT).replace('-', '_'))).toList();
        }
    }

    private static final String ALL_ACTS = "discard,map-over,protect,move,write,write,read,read";

    private HostileMemory() {}

    /** Pages of one owner; of each it knows the one value that fills it. */
    private static final class Area implements Runnable {
        private final MemorySegment memory;
        /** As large, without access: a run is moved here and back. */
        private final long elsewhere;
        private final long[] expected;
        private final boolean moves;
        private final List<Act> acts;
        private final SplittableRandom random;
        private final AtomicLong steps = new AtomicLong();
        /** Set from outside; the owner clears it after its check: only between two of its steps is every page where it belongs. */
        private final AtomicBoolean sweep = new AtomicBoolean();

        /**
         * @param moves whether pages are moved away for a moment: then nobody may read along
         */
        Area(int pages, boolean moves, List<Act> acts, long seed) throws Throwable {
            memory = segment(map(0, pages, PRIVATE_ANONYMOUS), pages);
            elsewhere = map(0, pages, PRIVATE_ANONYMOUS);
            expected = new long[pages];
            this.moves = moves;
            this.acts = acts;
            random = new SplittableRandom(seed);
            for (int page = 0; page < pages; page++) {
                write(page, 1);
            }
        }

        @Override
        public void run() {
            try {
                while (!end) {
                    step();
                    steps.incrementAndGet();
                    if (sweep.get()) {
                        checkAll();
                        sweep.set(false);
                    }
                }
            } catch (Throwable e) {
                wrong(e.toString());
            }
        }

        private void step() throws Throwable {
            int first = random.nextInt(expected.length);
            Act act = acts.get(random.nextInt(acts.size()));
            if ((act == Act.DISCARD || act == Act.MAP_OVER) && random.nextInt(TABLE_ONE_IN) == 0) {
                discardTable(first, act);
                return;
            }
            int last = Math.min(expected.length, first + 1 + random.nextInt(MAX_RUN));
            long at = memory.address() + (long) first * PAGE_BYTES;
            long bytes = (long) (last - first) * PAGE_BYTES;
            switch (act) {
                case DISCARD -> {
                    must("madvise", (int) MADVISE.invokeExact(at, bytes, MADV_DONTNEED));
                    forget(first, last);
                }
                case MAP_OVER -> {
                    map(at, last - first, PRIVATE_ANONYMOUS | MAP_FIXED);
                    forget(first, last);
                }
                case PROTECT -> protect(first, last, at, bytes);
                case MOVE -> {
                    if (moves) {
                        moveAndBack(at, bytes);
                    }
                }
                case WRITE -> {
                    for (int page = first; page < last; page++) {
                        write(page, expected[page] + (1L << 32));
                    }
                }
                case READ -> check(first, last);
            }
        }

        /** All that the page table after this page covers. */
        private void discardTable(int page, Act act) throws Throwable {
            long base = memory.address() / PAGE_BYTES;
            int first = (int) (Math.ceilDiv(base + page, TABLE_PAGES) * TABLE_PAGES - base);
            if (first + TABLE_PAGES > expected.length) {
                return;
            }
            long at = memory.address() + (long) first * PAGE_BYTES;
            if (act == Act.DISCARD) {
                must("madvise", (int) MADVISE.invokeExact(at, (long) TABLE_PAGES * PAGE_BYTES, MADV_DONTNEED));
            } else {
                map(at, TABLE_PAGES, PRIVATE_ANONYMOUS | MAP_FIXED);
            }
            forget(first, first + TABLE_PAGES);
        }

        private void protect(int first, int last, long at, long bytes) throws Throwable {
            must("mprotect", (int) MPROTECT.invokeExact(at, bytes, PROT_READ));
            check(first, last);
            must("mprotect", (int) MPROTECT.invokeExact(at, bytes, PROT_READ_WRITE));
        }

        /** Page by page: mremap(2) fails on a range that the kernel keeps as several mappings. */
        private void moveAndBack(long start, long bytes) throws Throwable {
            for (long at = start; at < start + bytes; at += PAGE_BYTES) {
                long there = elsewhere + (at - memory.address());
                move(at, there);
                move(there, at);
            }
        }

        private static void move(long from, long to) throws Throwable {
            long got = (long) MREMAP.invokeExact(from, (long) PAGE_BYTES, (long) PAGE_BYTES, MREMAP_FLAGS, to);
            must("mremap", got == to ? 0 : -1);
        }

        private void forget(int first, int last) {
            for (int page = first; page < last; page++) {
                expected[page] = 0;
            }
        }

        /** Low half: the page's number, so that a page in a wrong place is seen. High half: counts up. */
        private void write(int page, long count) {
            long value = count & 0xffffffff00000000L | page + 1;
            for (long i = 0; i < PAGE_BYTES; i += Long.BYTES) {
                memory.set(LONG, (long) page * PAGE_BYTES + i, value);
            }
            expected[page] = value;
        }

        private void checkAll() {
            check(0, expected.length);
        }

        private void check(int first, int last) {
            for (int page = first; page < last; page++) {
                for (long i = 0; i < PAGE_BYTES; i += Long.BYTES) {
                    long found = memory.get(LONG, (long) page * PAGE_BYTES + i);
                    if (found != expected[page]) {
                        throw new IllegalStateException("page %d + %d holds %x, not %x"
                                .formatted(page, i, found, expected[page]));
                    }
                }
            }
        }

        /** For another thread: a page holds its own number or zeros, at any time. */
        private void readAlong(AtomicLong reads, long seed) {
            SplittableRandom where = new SplittableRandom(seed);
            while (!end) {
                int page = where.nextInt(expected.length);
                long found = memory.get(LONG, (long) page * PAGE_BYTES + 8L * where.nextInt(PAGE_BYTES / 8));
                if (found != 0 && (int) found != page + 1) {
                    wrong("page %d holds %x beside its owner".formatted(page, found));
                    return;
                }
                reads.incrementAndGet();
            }
        }
    }

    public static void main(String[] args) throws Throwable {
        int threads = Integer.parseInt(args[0]);
        long seed = Long.parseLong(args[2]);
        List<Act> acts = Act.named(args.length > 4 ? args[4] : ALL_ACTS);
        List<Thread> all = new ArrayList<>();
        List<AtomicLong> counters = new ArrayList<>();
        List<AtomicBoolean> sweeps = new ArrayList<>();
        List<Area> areas = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            Area area = new Area(Integer.parseInt(args[1]), i % 2 == 1, acts, seed + i);
            AtomicLong reads = new AtomicLong();
            long readSeed = seed - i;
            all.add(Thread.ofPlatform().name("owner-" + i).start(area));
            areas.add(area);
            counters.add(area.steps);
            sweeps.add(area.sweep);
            if (!area.moves) {
                all.add(Thread.ofPlatform().name("reader-" + i).start(() -> area.readAlong(reads, readSeed)));
                counters.add(reads);
            }
        }
        HostileHeap heap = args.length > 3 && !args[3].equals("0") ? new HostileHeap(Integer.parseInt(args[3]), seed) : null;
        if (heap != null) {
            AtomicLong reads = new AtomicLong();
            all.add(Thread.ofPlatform().name("heap-owner").start(heap));
            all.add(Thread.ofPlatform().name("heap-reader").start(() -> heap.readAlong(reads, seed)));
            counters.addAll(List.of(heap.steps(), reads));
            sweeps.add(heap.sweep());
        }
        System.out.println("ready");
        obey(counters, sweeps);
        end = true;
        if (heap != null) {
            heap.end();
        }
        for (Thread thread : all) {
            thread.join();
        }
        checkAll(areas, heap);
        System.out.println(wrong == null ? "ended clean" : wrong);
    }

    /** After their owners have ended. */
    private static void checkAll(List<Area> areas, HostileHeap heap) {
        try {
            areas.forEach(Area::checkAll);
            if (heap != null) {
                heap.checkAll();
            }
        } catch (RuntimeException e) {
            wrong(e.toString());
        }
    }

    /** Until end, or until anything is wrong. */
    private static void obey(List<AtomicLong> counters, List<AtomicBoolean> sweeps) throws IOException {
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        for (String line = commands.readLine(); line != null && !line.equals("end"); line = commands.readLine()) {
            if (line.equals("sweep")) {
                sweeps.forEach(sweep -> sweep.set(true));
                sweeps.forEach(sweep -> await(() -> !sweep.get()));
            } else {
                for (AtomicLong counter : counters) {
                    long target = counter.get() + STEPS_OF_PROGRESS;
                    await(() -> counter.get() >= target);
                }
            }
            if (wrong != null) {
                return;
            }
            System.out.println(line + " ok");
        }
    }

    /** Or until anything is wrong: who finds it ends, and does no more of what is waited for. */
    private static void await(BooleanSupplier done) {
        while (!done.getAsBoolean() && wrong == null) {
            Thread.onSpinWait();
        }
    }

    static void wrong(String what) {
        String line = "wrong: " + what;
        System.out.println(line);
        wrong = line;
    }

    private static long map(long address, int pages, int flags) throws Throwable {
        long got = (long) MMAP.invokeExact(address, (long) pages * PAGE_BYTES, PROT_READ_WRITE, flags, -1, 0L);
        must("mmap", got == -1 ? -1 : 0);
        return got;
    }

    @SuppressWarnings("restricted")
    private static MemorySegment segment(long address, int pages) {
        return MemorySegment.ofAddress(address).reinterpret((long) pages * PAGE_BYTES, Arena.global(), null);
    }

    @SuppressWarnings("restricted")
    private static MethodHandle function(String name, FunctionDescriptor type) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().find(name).orElseThrow(), type);
    }

    private static void must(String call, int result) {
        if (result != 0) {
            throw new IllegalStateException(call + " failed");
        }
    }
}
