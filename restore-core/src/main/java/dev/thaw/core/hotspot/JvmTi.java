// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core.hotspot;

import dev.thaw.core.Foreign;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.Optional;

/** The JVM Tool Interface of this JVM. It stays where it is in restored processes; libjvm.so need not. */
public final class JvmTi {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    /** For every function: the ABI passes four words in registers, and nobody misses those it does not read. */
    private static final FunctionDescriptor CALL = FunctionDescriptor.of(ValueLayout.JAVA_INT, LONG, LONG, LONG, LONG);

    /** Index in JNI's struct JNIInvokeInterface_. */
    private static final int GET_ENV = 6;
    /** Numbers of jvmti.h's functions, which begin at 1. */
    private static final int SET_EVENT_NOTIFICATION_MODE = 2;
    private static final int SET_EVENT_CALLBACKS = 122;
    private static final int DISPOSE_ENVIRONMENT = 127;
    private static final int ADD_CAPABILITIES = 142;

    private static final long VERSION_1_2 = 0x30010200;
    private static final long ENABLE = 1;
    /** The first member of struct jvmtiEventCallbacks is of this event. */
    private static final int FIRST_EVENT = 50;
    private static final int LAST_EVENT = 88;
    private static final long ALL_THREADS = 0;
    private static final long CAPABILITIES_BYTES = 16;
    private static final int OK = 0;

    private final long vm;

    private JvmTi(long vm) {
        this.vm = vm;
    }

    /** Where it is not found, there are no environments. */
    public static JvmTi ofThisProcess() {
        SymbolLookup libjvm = Foreign.library(Libjvm.ofThisProcess().path());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment vm = arena.allocate(LONG);
            MemorySegment count = arena.allocate(LONG);
            long created = libjvm.find("JNI_GetCreatedJavaVMs").map(MemorySegment::address).orElse(0L);
            boolean found = created != 0 && invoke(created, vm.address(), 1, count.address(), 0) == OK
                    && count.get(LONG, 0) == 1;
            return new JvmTi(found ? vm.get(LONG, 0) : 0);
        }
    }

    /** @param capability number of a bit of struct jvmtiCapabilities; empty where this JVM does not have it */
    Optional<Environment> environment(int capability) {
        if (vm == 0) {
            return Optional.empty();
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment place = arena.allocate(LONG);
            MemorySegment capabilities = arena.allocate(CAPABILITIES_BYTES, Long.BYTES);
            capabilities.set(LONG, 0, 1L << capability);
            if (invoke(entry(vm, GET_ENV), vm, place.address(), VERSION_1_2, 0) != OK) {
                return Optional.empty();
            }
            Environment environment = new Environment(place.get(LONG, 0));
            if (environment.call(ADD_CAPABILITIES, capabilities.address(), 0, 0)) {
                return Optional.of(environment);
            }
            environment.close();
            return Optional.empty();
        }
    }

    /** One jvmtiEnv. */
    record Environment(long address) implements AutoCloseable {
        /** @return whether the function, by its number in jvmti.h, succeeded */
        boolean call(int number, long first, long second, long third) {
            return invoke(entry(address, number - 1), address, first, second, third) == OK;
        }

        /**
         * HotSpot counts an event as wanted when it is enabled and has a callback.
         *
         * @param callbacks native functions by the numbers of their events
         */
        boolean want(Map<Integer, MemorySegment> callbacks) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment all = arena.allocate(LONG, LAST_EVENT - FIRST_EVENT + 1);
                callbacks.forEach((event, callback) -> all.setAtIndex(LONG, event - FIRST_EVENT, callback.address()));
                return call(SET_EVENT_CALLBACKS, all.address(), all.byteSize(), 0)
                        && callbacks.keySet().stream()
                                .allMatch(event -> call(SET_EVENT_NOTIFICATION_MODE, ENABLE, event, ALL_THREADS));
            }
        }

        @Override
        public void close() {
            call(DISPOSE_ENVIRONMENT, 0, 0, 0);
        }
    }

    /** Of the function table that the first word of a JavaVM or jvmtiEnv points to. */
    private static long entry(long object, int index) {
        long table = Foreign.memory(object, Long.BYTES).get(LONG, 0);
        return Foreign.memory(table, (index + 1L) * Long.BYTES).getAtIndex(LONG, index);
    }

    private static int invoke(long function, long first, long second, long third, long fourth) {
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
