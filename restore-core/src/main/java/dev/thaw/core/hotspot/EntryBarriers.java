// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core.hotspot;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Optional;

/**
 * HotSpot's nmethod entry barriers. A full collection arms all of them, and the first call of each compiled method then
 * runs the barrier: a write into the code cache, and CPUID, which a virtual machine traps. A restored process would
 * do this for each method of its first answer.
 *
 * <p>JVM TI's GenerateEvents(COMPILED_METHOD_LOAD) runs the barriers of all compiled methods (jvmtiCodeBlobEvents.cpp),
 * but only while some environment wants those events. So one environment does, and another, which does not, asks:
 * no event is made.
 */
public final class EntryBarriers {
    /** Number of a function of jvmti.h. */
    private static final int GENERATE_EVENTS = 123;
    private static final int COMPILED_METHOD_LOAD = 68;
    /** can_generate_compiled_method_load_events. */
    private static final int CAPABILITY = 27;

    private EntryBarriers() {}

    /**
     * Runs the barriers of all compiled methods. Where this JVM has no such events nothing happens: each first call of
     * a method runs its own.
     *
     * @param ignore a native function that may be called with anything
     */
    public static void run(JvmTi jvmTi, MemorySegment ignore) {
        Optional<JvmTi.Environment> wanting = jvmTi.environment(CAPABILITY);
        Optional<JvmTi.Environment> asking = jvmTi.environment(CAPABILITY);
        try {
            if (asking.isPresent() && wanting.isPresent()
                    && wanting.get().want(Map.of(COMPILED_METHOD_LOAD, ignore))) {
                asking.get().call(GENERATE_EVENTS, COMPILED_METHOD_LOAD, 0, 0);
            }
        } finally {
            asking.ifPresent(JvmTi.Environment::close);
            wanting.ifPresent(JvmTi.Environment::close);
        }
    }
}
