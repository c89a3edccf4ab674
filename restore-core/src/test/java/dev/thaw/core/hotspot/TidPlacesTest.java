// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core.hotspot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.core.Foreign;
import dev.thaw.core.TidPlace;
import dev.thaw.core.TidPlace.Kind;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TidPlacesTest {
    private static final String HOLD = "_ZN13defaultStream4holdEl";
    private static final FunctionDescriptor ITERATE = FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS,
            ValueLayout.ADDRESS);
    private static final FunctionDescriptor VISIT = FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS,
            ValueLayout.JAVA_LONG, ValueLayout.ADDRESS);

    private final TidPlaces found = TidPlaces.find(LibjvmSymbols.ofThisProcess(TidPlaces.SYMBOLS));
    private final long[] seen = new long[3];

    @Test
    void findsThemInThisVm() {
        assertEquals(List.of(), found.notes());
        List<String> locks = found.places().stream().filter(place -> place.kind() == Kind.LOCK).map(TidPlace::name).toList();
        List<String> linkers = List.of("_dl_load_lock", "_dl_load_write_lock", "_dl_load_tls_lock");
        assertEquals("tty_lock", locks.getFirst());
        assertTrue(locks.size() >= 3, locks::toString);         // glibc before 2.35 has two
        assertEquals(linkers.subList(0, locks.size() - 1), locks.subList(1, locks.size()));
    }

    /** syscall() of libc, libjvm and the dynamic linker. */
    @Test
    void findsTheCodeInThisVm() throws Exception {
        List<TidPlace> code = found.places().stream().filter(place -> place.kind() == Kind.CODE).toList();
        assertEquals(3, code.size(), code::toString);
        long hold = LibjvmSymbols.ofThisProcess(Set.of(HOLD)).address(HOLD).orElseThrow();
        assertTrue(contains(code.get(1), hold), code::toString);
        long getAddress = Foreign.libc("__tls_get_addr").orElseThrow().address();
        assertTrue(contains(code.get(2), getAddress), code::toString);
    }

    private static boolean contains(TidPlace place, long address) {
        return address >= place.start() && address < place.start() + place.bytes();
    }

    /** dl_iterate_phdr(3) calls back with _dl_load_write_lock held. */
    @Test
    @SuppressWarnings("restricted")
    void theLinkersLockIsThere() throws Throwable {
        MethodHandle iterate = Foreign.downcall(Foreign.libc("dl_iterate_phdr").orElseThrow(), ITERATE);
        MethodHandle visit = MethodHandles.lookup().findVirtual(TidPlacesTest.class, "visit",
                MethodType.methodType(int.class, MemorySegment.class, long.class, MemorySegment.class)).bindTo(this);
        try (Arena arena = Arena.ofConfined()) {
            assertEquals(1, (int) iterate.invokeExact(Linker.nativeLinker().upcallStub(visit, VISIT, arena), MemorySegment.NULL));
        }
        assertTrue(seen[0] != 0 && seen[1] == seen[2], "lock %d, owner %d, this thread %d".formatted(seen[0], seen[1], seen[2]));
        assertEquals(0, word("_dl_load_write_lock", 0));
    }

    private int visit(MemorySegment info, long bytes, MemorySegment data) throws Throwable {
        MethodHandle gettid = Foreign.downcall(Foreign.libc("gettid").orElseThrow(), FunctionDescriptor.of(ValueLayout.JAVA_INT));
        seen[0] = word("_dl_load_write_lock", 0);
        seen[1] = word("_dl_load_write_lock", 8);
        seen[2] = (int) gettid.invokeExact();
        return 1;
    }

    private int word(String lock, int offset) {
        TidPlace place = found.places().stream().filter(candidate -> candidate.name().equals(lock)).findFirst().orElseThrow();
        return Foreign.memory(place.mutex(), 16).get(ValueLayout.JAVA_INT, offset);
    }
}
