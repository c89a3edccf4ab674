// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core.hotspot;

import dev.thaw.core.Foreign;
import dev.thaw.core.TidPlace;
import dev.thaw.core.TidPlace.Kind;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
    private static final List<String> TTY_CODE = List.of("_ZN13defaultStream4holdEl", "_ZN13defaultStream5writeEPKcm",
            "_ZN9ttyLocker8hold_ttyEv", "_ZN2os17current_thread_idEv", "_ZN2os5Linux6gettidEv");
    private static final int OWNER_BYTES = 8;    // mutex.hpp: Mutex::_owner, then the PlatformMonitor: a mutex first
    private static final int SYSCALL_BYTES = 48;    // x86-64 of glibc: 39
    private static final int RTLD_GLOBAL_BYTES = 4096;    // 4336 in glibc 2.36; the locks are at 2568
    private static final List<String> LINKER_LOCKS = List.of("_dl_load_lock", "_dl_load_write_lock", "_dl_load_tls_lock");

    /** What {@link #find} asks for. */
    public static final Set<String> SYMBOLS =
            Stream.concat(Stream.of(TTY), TTY_CODE.stream()).collect(Collectors.toUnmodifiableSet());

    /** Finds them; to be called before the first checkpoint. */
    public static TidPlaces find(LibjvmSymbols symbols) {
        List<TidPlace> places = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        if (!addTtyLock(symbols, places)) {
            notes.add("libjvm.so does not name tty_lock: a process that is checkpointed while HotSpot prints may hang when restored");
        }
        if (!addLinkerLocks(places)) {
            notes.add("the dynamic linker's locks were not found: a process that is checkpointed while it loads a library may hang "
                    + "when restored");
        }
        return new TidPlaces(List.copyOf(places), List.copyOf(notes));
    }

    private static boolean addTtyLock(LibjvmSymbols symbols, List<TidPlace> places) {
        if (symbols.address(TTY).isEmpty()) {
            return false;
        }
        long lock = Foreign.memory(symbols.address(TTY).getAsLong(), Long.BYTES).get(ValueLayout.JAVA_LONG, 0);
        if (lock == 0 || !Mutex.at(lock + OWNER_BYTES).isPlain()) {
            return false;
        }
        places.add(new TidPlace(Kind.LOCK, lock, OWNER_BYTES + Mutex.BYTES, lock + OWNER_BYTES, TTY));
        for (String name : TTY_CODE) {
            symbols.address(name).ifPresent(
                    start -> places.add(new TidPlace(Kind.CODE, start, symbols.size(name), 0, TTY)));
        }
        Foreign.libc("syscall").ifPresent(
                code -> places.add(new TidPlace(Kind.SYSCALL, code.address(), SYSCALL_BYTES, 0, TTY)));
        return true;
    }

    /** Two or three recursive mutexes in a row: there is one such place in it. */
    private static boolean addLinkerLocks(List<TidPlace> places) {
        MemorySegment global = Foreign.libc("_rtld_global").orElse(null);
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
