// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.crac;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Command {@code ask}: whether the kernel has the rseq area that glibc registered for this thread. It refuses to register
 * the same once more with EBUSY; glibc itself falls back to system calls in silence.
 */
public final class RestartableSequences {
    private static final long SYS_ARCH_PRCTL = 158;
    private static final long ARCH_GET_FS = 0x1003;
    private static final long SYS_RSEQ = 334;
    private static final long AREA_BYTES = 32;
    private static final long SIGNATURE = 0x53053053;
    private static final int EBUSY = 16;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final StructLayout STATE = Linker.Option.captureStateLayout();

    private RestartableSequences() {}

    public static void main(String[] args) throws Exception {
        Commands.readAll((command, value) -> System.out.println("rseq " + ask()));
    }

    @SuppressWarnings("restricted")
    private static String ask() {
        Linker linker = Linker.nativeLinker();
        MethodHandle syscall = linker.downcallHandle(linker.defaultLookup().find("syscall").orElseThrow(),
                FunctionDescriptor.of(LONG, LONG, LONG, LONG, LONG, LONG), Linker.Option.captureCallState("errno"),
                Linker.Option.firstVariadicArg(1));
        long offset = linker.defaultLookup().find("__rseq_offset").orElseThrow().reinterpret(LONG.byteSize()).get(LONG, 0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            MemorySegment base = arena.allocate(LONG);
            long found = (long) syscall.invokeExact(state, SYS_ARCH_PRCTL, ARCH_GET_FS, base.address(), 0L, 0L);
            long result = (long) syscall.invokeExact(state, SYS_RSEQ, base.get(LONG, 0) + offset, AREA_BYTES, 0L, SIGNATURE);
            int errno = (int) STATE.varHandle(MemoryLayout.PathElement.groupElement("errno")).get(state, 0L);
            return found == 0 && result == -1 && errno == EBUSY ? "registered" : result + " errno " + errno;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
