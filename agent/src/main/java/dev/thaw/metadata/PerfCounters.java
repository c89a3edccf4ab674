// SPDX-License-Identifier: Apache-2.0
package dev.thaw.metadata;

import dev.thaw.core.JdkAccess;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** HotSpot's performance counters of this process, as {@code jcmd PID PerfCounter.print} shows them (perfMemory.hpp). */
final class PerfCounters {
    private static final int MAGIC_OFFSET = 0, FIRST_ENTRY_OFFSET = 24, ENTRY_COUNT_OFFSET = 28;
    /** struct PerfDataEntry. */
    private static final int NAME_OFFSET = 4, VECTOR_LENGTH = 8, DATA_TYPE = 12, DATA_OFFSET = 16;
    private static final int MAGIC = 0xc0c0feca; // little-endian

    private PerfCounters() {}

    /** @return those that are numbers; none where the JVM keeps no counters */
    static Map<String, Long> read() {
        ByteBuffer memory;
        try {
            MethodHandles.Lookup lookup = JdkAccess.lookup();
            Class<?> perf = lookup.findClass("jdk.internal.perf.Perf");
            Object instance = lookup.findStatic(perf, "getPerf", MethodType.methodType(perf)).invoke();
            memory = (ByteBuffer) lookup.findVirtual(perf, "attach", MethodType.methodType(ByteBuffer.class, int.class))
                    .invoke(instance, (int) ProcessHandle.current().pid());
        } catch (VirtualMachineError e) {
            throw e;
        } catch (Throwable e) {
            return Map.of(); // -XX:-UsePerfData, or another Perf than that of JDK 22-25
        }
        return read(memory.order(ByteOrder.LITTLE_ENDIAN));
    }

    private static Map<String, Long> read(ByteBuffer memory) {
        Map<String, Long> counters = new HashMap<>();
        if (memory.capacity() <= ENTRY_COUNT_OFFSET || memory.getInt(MAGIC_OFFSET) != MAGIC) {
            return counters;
        }
        int entry = memory.getInt(FIRST_ENTRY_OFFSET);
        for (int i = memory.getInt(ENTRY_COUNT_OFFSET); i > 0; i--) {
            if (memory.get(entry + DATA_TYPE) == 'J' && memory.getInt(entry + VECTOR_LENGTH) == 0) {
                counters.put(name(memory, entry + memory.getInt(entry + NAME_OFFSET)),
                        memory.getLong(entry + memory.getInt(entry + DATA_OFFSET)));
            }
            entry += memory.getInt(entry);
        }
        return counters;
    }

    private static String name(ByteBuffer memory, int start) {
        int end = start;
        while (memory.get(end) != 0) {
            end++;
        }
        byte[] bytes = new byte[end - start];
        memory.get(start, bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
