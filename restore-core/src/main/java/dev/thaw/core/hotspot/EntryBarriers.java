// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core.hotspot;

import dev.thaw.core.Foreign;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;

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
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    /** For every function: the ABI passes four words in registers, and nobody misses those it does not read. */
    private static final FunctionDescriptor CALL = FunctionDescriptor.of(ValueLayout.JAVA_INT, LONG, LONG, LONG, LONG);

    /** Index in JNI's struct JNIInvokeInterface_. */
    private static final int GET_ENV = 6;
    /** Numbers of jvmti.h's functions, which begin at 1. */
    private static final int SET_EVENT_NOTIFICATION_MODE = 2;
    private static final int SET_EVENT_CALLBACKS = 122;
    private static final int GENERATE_EVENTS = 123;
    private static final int DISPOSE_ENVIRONMENT = 127;
    private static final int ADD_CAPABILITIES = 142;

    private static final long JVMTI_VERSION_1_2 = 0x30010200;
    private static final long ENABLE = 1;
    private static final long COMPILED_METHOD_LOAD = 68;
    private static final long FIRST_EVENT = 50;
    private static final long ALL_THREADS = 0;
    /** can_generate_compiled_method_load_events: bit 27 of struct jvmtiCapabilities. */
    private static final long CAPABILITY = 1L << 27;
    private static final long CAPABILITIES_BYTES = 16;
    private static final int OK = 0;

    private final long vm;
    private final long ignore;

    private EntryBarriers(long vm, long ignore) {
        this.vm = vm;
        this.ignore = ignore;
    }

    /**
     * Finds JVM TI, which stays where it is in restored processes; libjvm.so need not.
     *
     * @param ignore address of a native function that may be called with anything
     */
    public static EntryBarriers prepare(MemorySegment ignore) {
        SymbolLookup libjvm = Foreign.library(Libjvm.ofThisProcess().path());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment vm = arena.allocate(LONG);
            MemorySegment count = arena.allocate(LONG);
            long created = libjvm.find("JNI_GetCreatedJavaVMs").map(MemorySegment::address).orElse(0L);
            boolean found = created != 0 && call(created, vm.address(), 1, count.address(), 0) == OK
                    && count.get(LONG, 0) == 1;
            return new EntryBarriers(found ? vm.get(LONG, 0) : 0, ignore.address());
        }
    }

    /**
     * Runs the barriers of all compiled methods. Where this JVM has no such events nothing happens: each first call of
     * a method runs its own.
     */
    public void run() {
        if (vm != 0) {
            try (Arena arena = Arena.ofConfined()) {
                run(vm, ignore, arena);
            }
        }
    }

    private static void run(long vm, long ignore, Arena arena) {
        long wanting = environment(vm, arena);
        long asking = environment(vm, arena);
        if (wanting != 0 && asking != 0 && wants(wanting, ignore, arena)) {
            call(function(asking, GENERATE_EVENTS), asking, COMPILED_METHOD_LOAD, 0, 0);
        }
        dispose(asking);
        dispose(wanting);
    }

    /** @return 0 where there is none with this capability */
    private static long environment(long vm, Arena arena) {
        MemorySegment place = arena.allocate(LONG);
        MemorySegment capabilities = arena.allocate(CAPABILITIES_BYTES, Long.BYTES);
        capabilities.set(LONG, 0, CAPABILITY);
        if (call(entry(vm, GET_ENV), vm, place.address(), JVMTI_VERSION_1_2, 0) != OK) {
            return 0;
        }
        long environment = place.get(LONG, 0);
        if (call(function(environment, ADD_CAPABILITIES), environment, capabilities.address(), 0, 0) != OK) {
            dispose(environment);
            return 0;
        }
        return environment;
    }

    /** HotSpot counts an event as wanted when it is enabled and has a callback. */
    private static boolean wants(long environment, long ignore, Arena arena) {
        MemorySegment callbacks = arena.allocate(LONG, COMPILED_METHOD_LOAD - FIRST_EVENT + 1);
        callbacks.setAtIndex(LONG, COMPILED_METHOD_LOAD - FIRST_EVENT, ignore);
        return call(function(environment, SET_EVENT_CALLBACKS), environment, callbacks.address(),
                callbacks.byteSize(), 0) == OK
                && call(function(environment, SET_EVENT_NOTIFICATION_MODE), environment, ENABLE,
                COMPILED_METHOD_LOAD, ALL_THREADS) == OK;
    }

    private static void dispose(long environment) {
        if (environment != 0) {
            call(function(environment, DISPOSE_ENVIRONMENT), environment, 0, 0, 0);
        }
    }

    private static long function(long environment, int number) {
        return entry(environment, number - 1);
    }

    /** Of the function table that the first word of a JavaVM or jvmtiEnv points to. */
    private static long entry(long object, int index) {
        long table = Foreign.memory(object, Long.BYTES).get(LONG, 0);
        return Foreign.memory(table, (index + 1L) * Long.BYTES).getAtIndex(LONG, index);
    }

    private static int call(long function, long first, long second, long third, long fourth) {
        try {
            return (int) Foreign.downcall(MemorySegment.ofAddress(function), CALL)
                    .invokeExact(first, second, third, fourth);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("JVM TI: a descriptor does not match its call site", e);
        }
    }
}
