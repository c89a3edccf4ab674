// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

import dev.thaw.core.hotspot.JavaHeap;
import dev.thaw.core.hotspot.Libjvm;
import dev.thaw.core.hotspot.VmStructs;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/** What the engine must know of this JVM: fills {@code struct thaw_setup}. */
final class Setup {
    private Setup() {}

    /** On the thread that will call thaw_open. */
    static void fill(CStruct.View setup, CoreOptions options) {
        VmStructs structs = VmStructs.ofThisVm(Libjvm.ofThisProcess());
        JavaHeap heap = JavaHeap.ofThisVm(structs);
        long rseqBytes = libcVariable("__rseq_size", Integer.BYTES);
        setup.putLong("bytes", Layouts.SETUP.size())
                .putLong("vm_thread", vmThread())
                .putInt("osthread_offset", (int) structs.requireOffset("Thread", "_osthread"))
                .putInt("thread_id_offset", (int) structs.requireOffset("OSThread", "_thread_id"))
                .putInt("thread_state_offset", (int) structs.offset("JavaThread", "_thread_state").orElse(0))
                .putLong("rseq_offset", rseqBytes == 0 ? 0 : libcVariable("__rseq_offset", Long.BYTES))
                .putLong("rseq_bytes", rseqBytes)
                .putLong("heap_start", heap.start())
                .putLong("heap_end", heap.end())
                .putLong("lazy", options.lazy() ? 1 : 0)
                .putLong("prefetch", options.prefetch() ? 1 : 0)
                .putString("java_home", NativeText.bytes(System.getProperty("java.home")))
                .putString("agent_jar", NativeText.bytes(options.agentJar().toAbsolutePath()))
                .putString("vm_version", NativeText.bytes(vmVersion()));
    }

    private static String vmVersion() {
        return "%s %s (%s)".formatted(System.getProperty("java.vm.name"), System.getProperty("java.vm.version"),
                System.getProperty("java.vendor"));
    }

    /** The JavaThread* of the platform thread that runs this. */
    private static long vmThread() {
        MethodHandles.Lookup lookup = JdkAccess.lookup();
        try {
            Thread carrier = (Thread) lookup.findStatic(Thread.class, "currentCarrierThread",
                    MethodType.methodType(Thread.class)).invokeExact();
            return (long) lookup.findVarHandle(Thread.class, "eetop", long.class).get(carrier);
        } catch (Throwable e) {
            throw new CoreException("java.lang.Thread is not as in JDK 22-25: " + e, e);
        }
    }

    /** 0 where glibc (before 2.35) does not have it, or another libc is used. */
    private static long libcVariable(String name, int bytes) {
        MemorySegment variable = Foreign.libc(name).orElse(null);
        if (variable == null) {
            return 0;
        }
        MemorySegment memory = Foreign.memory(variable.address(), bytes);
        return bytes == Integer.BYTES
                ? Integer.toUnsignedLong(memory.get(ValueLayout.JAVA_INT, 0)) : memory.get(ValueLayout.JAVA_LONG, 0);
    }
}
