// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core.hotspot;

import dev.thaw.core.CoreException;
import dev.thaw.core.Foreign;
import dev.thaw.core.TidPlace;
import dev.thaw.core.TidPlace.Kind;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * The locks of this process that know their owner by his tid.
 *
 * <p>{@code tty_lock}: {@code defaultStream::hold} (ostream.cpp) asks the kernel for the tid, lets the owner in again, and keeps
 * what it was told as {@code _writer}. The dynamic linker's: recursive mutexes, next to each other in {@code _rtld_global}
 * (glibc, ldsodefs.h: {@code _dl_load_lock}, {@code _dl_load_write_lock}, since 2.35 {@code _dl_load_tls_lock}).
 *
 * @param notes which of them are not known here; empty when all is well
 */
public record TidPlaces(List<TidPlace> places, List<String> notes) {
    private static final String TTY = "tty_lock";
    private static final String RTLD_GLOBAL = "_rtld_global";
    private static final int OWNER_BYTES = 8;    // mutex.hpp: Mutex::_owner, then the PlatformMonitor: a mutex first
    private static final int SYSCALL_BYTES = 48;    // x86-64 of glibc: 39
    private static final int RTLD_GLOBAL_BYTES = 4096;    // 4336 in glibc 2.36; the locks are at 2568
    private static final List<String> LINKER_LOCKS = List.of("_dl_load_lock", "_dl_load_write_lock", "_dl_load_tls_lock");

    /** What {@link #find} asks for. */
    public static final Set<String> SYMBOLS = Set.of(TTY);

    /** Finds them; to be called before the first checkpoint. */
    public static TidPlaces find(LibjvmSymbols symbols) {
        List<TidPlace> places = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        addTtyLock(symbols, places, notes);
        if (!addLinkerLocks(places)) {
            notes.add("the dynamic linker's locks were not found: a process that is checkpointed while it loads a library may hang "
                    + "when restored");
        }
        return new TidPlaces(List.copyOf(places), List.copyOf(notes));
    }

    private static void addTtyLock(LibjvmSymbols symbols, List<TidPlace> places, List<String> notes) {
        String consequence = ": a process that is checkpointed while HotSpot prints may hang when restored";
        if (symbols.address(TTY).isEmpty()) {
            notes.add("libjvm.so does not name tty_lock" + consequence);
            return;
        }
        long lock = Foreign.memory(symbols.address(TTY).getAsLong(), Long.BYTES).get(ValueLayout.JAVA_LONG, 0);
        if (lock == 0 || !Mutex.at(lock + OWNER_BYTES).isPlain()) {
            notes.add("tty_lock of libjvm.so is not as in JDK 22-25" + consequence);
            return;
        }
        places.add(new TidPlace(Kind.LOCK, lock, OWNER_BYTES + Mutex.BYTES, lock + OWNER_BYTES, TTY));
        /* With the tid in a register: syscall() returns it, hold() calls the dynamic linker before it loads the lock's address. */
        Foreign.libc("syscall").ifPresent(code -> places.add(new TidPlace(Kind.CODE, code.address(), SYSCALL_BYTES, 0, TTY)));
        places.addAll(codeAround(symbols.address(TTY).getAsLong()));
        Foreign.libc(RTLD_GLOBAL).ifPresent(global -> places.addAll(codeAround(global.address())));
    }

    /** The code of the library that has this variable. */
    private static List<TidPlace> codeAround(long variable) {
        List<MemoryMap> maps = MemoryMap.ofThisProcess();
        return maps.stream().filter(map -> map.contains(variable)).map(MemoryMap::start).findFirst().stream()
                .flatMap(start -> maps.stream().filter(map -> map.isCode() && map.start() < start)
                        .max(Comparator.comparingLong(MemoryMap::start)).stream())
                .map(map -> new TidPlace(Kind.CODE, map.start(), map.end() - map.start(), 0, TTY)).toList();
    }

    /** A line of /proc/self/maps; a library's code lies below its variables. */
    private record MemoryMap(long start, long end, boolean isCode) {
        static List<MemoryMap> ofThisProcess() {
            try {
                return Files.readAllLines(Path.of("/proc/self/maps")).stream().map(MemoryMap::of).toList();
            } catch (IOException e) {
                throw new CoreException("cannot read /proc/self/maps: " + e.getMessage(), e);
            }
        }

        private static MemoryMap of(String line) {
            String[] fields = line.split(" ", 3);
            String[] range = fields[0].split("-");
            return new MemoryMap(Long.parseUnsignedLong(range[0], 16), Long.parseUnsignedLong(range[1], 16),
                    fields[1].charAt(2) == 'x');
        }

        boolean contains(long address) {
            return address >= start && address < end;
        }
    }

    /** Two or three recursive mutexes in a row: there is one such place in it. */
    private static boolean addLinkerLocks(List<TidPlace> places) {
        MemorySegment global = Foreign.libc(RTLD_GLOBAL).orElse(null);
        if (global == null) {
            return false;
        }
        int most = 0;
        long first = 0;
        for (int offset = 0; offset + LINKER_LOCKS.size() * Mutex.BYTES <= RTLD_GLOBAL_BYTES; offset += Long.BYTES) {
            long at = global.address() + offset;
            int count = 0;
            while (count < LINKER_LOCKS.size() && Mutex.at(at + (long) count * Mutex.BYTES).isRecursive()) {
                count++;
            }
            if (count > most) {
                most = count;
                first = at;
            }
        }
        for (int i = 0; most >= 2 && i < most; i++) {
            long at = first + (long) i * Mutex.BYTES;
            places.add(new TidPlace(Kind.LOCK, at, Mutex.BYTES, at, LINKER_LOCKS.get(i)));
        }
        return most >= 2;
    }

    /**
     * A pthread_mutex_t of x86-64 glibc (bits/struct_mutex.h), whoever holds it: int lock, unsigned count, int owner, unsigned
     * nusers, int kind, two shorts, a list of two pointers that only robust mutexes use.
     */
    private record Mutex(int lock, int kind, boolean isInList) {
        static final int BYTES = 40;
        private static final int RECURSIVE = 1;    // PTHREAD_MUTEX_RECURSIVE_NP; a statically initialized one has no more bits
        private static final int TYPE = 127;    // PTHREAD_MUTEX_KIND_MASK_NP and robustness, priorities, …: pthreadP.h

        static Mutex at(long address) {
            MemorySegment memory = Foreign.memory(address, BYTES);
            return new Mutex(memory.get(ValueLayout.JAVA_INT, 0), memory.get(ValueLayout.JAVA_INT, 16),
                    memory.get(ValueLayout.JAVA_LONG, 24) != 0 || memory.get(ValueLayout.JAVA_LONG, 32) != 0);
        }

        boolean isRecursive() {
            return looksLikeOne() && kind == RECURSIVE;
        }

        boolean isPlain() {
            return looksLikeOne() && (kind & TYPE) == 0;
        }

        /** 2: held, and somebody waits. */
        private boolean looksLikeOne() {
            return lock >= 0 && lock <= 2 && !isInList;
        }
    }
}
