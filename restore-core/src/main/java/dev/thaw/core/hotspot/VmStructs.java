// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core.hotspot;

import dev.thaw.core.CoreException;
import dev.thaw.core.Foreign;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * gHotSpotVMStructs, which libjvm exports for the serviceability agent: where the fields of its classes lie
 * (src/hotspot/share/runtime/vmStructs.hpp, the same in JDK 8 to 25).
 */
public final class VmStructs {
    private static final long STRING_BYTES = 1024;
    private static final int MAX_ENTRIES = 100_000;
    private static final String PREFIX = "gHotSpotVMStructEntry";

    /** Of a static field the address, else the offset in its object. */
    private record Field(boolean isStatic, long place) {}

    private final Map<String, Field> fields;

    private VmStructs(Map<String, Field> fields) {
        this.fields = fields;
    }

    /** Reads the table of the running VM. */
    public static VmStructs ofThisVm(Libjvm libjvm) {
        return new Reader(Foreign.library(libjvm.path())).read();
    }

    /** The offset of a non-static field. */
    public OptionalLong offset(String type, String field) {
        return place(type, field, false);
    }

    /** The address of a static field. */
    public OptionalLong address(String type, String field) {
        return place(type, field, true);
    }

    private OptionalLong place(String type, String name, boolean isStatic) {
        Field field = fields.get(type + "::" + name);
        return field == null || field.isStatic() != isStatic ? OptionalLong.empty() : OptionalLong.of(field.place());
    }

    /**
     * The same as {@link #offset}.
     *
     * @throws CoreException if this VM has no such field
     */
    public long requireOffset(String type, String field) {
        return offset(type, field).orElseThrow(() -> new CoreException(
                "this JVM's vmStructs have no " + type + "::" + field + ": Thaw knows HotSpot of JDK 22-25"));
    }

    private static final class Reader {
        private final SymbolLookup lookup;
        private final long typeName;
        private final long fieldName;
        private final long isStatic;
        private final long offset;
        private final long address;
        private final long stride;

        Reader(SymbolLookup lookup) {
            this.lookup = lookup;
            typeName = number(PREFIX + "TypeNameOffset");
            fieldName = number(PREFIX + "FieldNameOffset");
            isStatic = number(PREFIX + "IsStaticOffset");
            offset = number(PREFIX + "OffsetOffset");
            address = number(PREFIX + "AddressOffset");
            stride = number(PREFIX + "ArrayStride");
        }

        VmStructs read() {
            Map<String, Field> fields = new HashMap<>();
            long entry = number("gHotSpotVMStructs");
            for (int i = 0; i < MAX_ENTRIES && longAt(entry + typeName) != 0; i++, entry += stride) {
                boolean fixed = Foreign.memory(entry + isStatic, Integer.BYTES).get(ValueLayout.JAVA_INT, 0) != 0;
                fields.put(stringAt(entry + typeName) + "::" + stringAt(entry + fieldName),
                        new Field(fixed, longAt(entry + (fixed ? address : offset))));
            }
            return new VmStructs(fields);
        }

        /** The value of an exported variable. */
        private long number(String name) {
            MemorySegment found = lookup.find(name).orElseThrow(() -> new CoreException(
                    "libjvm.so does not export " + name + ": Thaw needs a HotSpot JVM"));
            return longAt(found.address());
        }

        private static long longAt(long address) {
            return Foreign.memory(address, Long.BYTES).get(ValueLayout.JAVA_LONG, 0);
        }

        private static String stringAt(long pointer) {
            long start = longAt(pointer);
            return start == 0 ? "" : Foreign.memory(start, STRING_BYTES).getString(0);
        }
    }
}
