// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The layout of a C struct by the rules of the x86-64 ABI: every member at a multiple of its own alignment. */
public final class CStruct {
    private final String name;
    private final Map<String, Integer> offsets = new LinkedHashMap<>();
    private final Map<String, Integer> sizes = new LinkedHashMap<>();
    private int end;
    private int alignment = 1;

    private CStruct(String name) {
        this.name = name;
    }

    /** An empty one; members are added in the order of the C declaration. */
    public static CStruct named(String name) {
        return new CStruct(name);
    }

    /** {@code uint32_t} or {@code int32_t} each. */
    public CStruct u32(String... fields) {
        for (String field : fields) {
            add(field, Integer.BYTES, Integer.BYTES);
        }
        return this;
    }

    /** {@code uint64_t} or {@code int64_t} each. */
    public CStruct u64(String... fields) {
        for (String field : fields) {
            add(field, Long.BYTES, Long.BYTES);
        }
        return this;
    }

    public CStruct u64Array(String field, int count) {
        return add(field, Long.BYTES * count, Long.BYTES);
    }

    /** {@code char field[count]} or {@code uint8_t field[count]}. */
    public CStruct bytes(String field, int count) {
        return add(field, count, 1);
    }

    public CStruct struct(String field, CStruct type) {
        return structArray(field, type, 1);
    }

    public CStruct structArray(String field, CStruct type, int count) {
        return add(field, type.size() * count, type.alignment);
    }

    private CStruct add(String field, int bytes, int fieldAlignment) {
        int offset = roundUp(end, fieldAlignment);
        if (offsets.put(field, offset) != null) {
            throw new IllegalArgumentException(field + " twice in struct " + name);
        }
        sizes.put(field, bytes);
        end = offset + bytes;
        alignment = Math.max(alignment, fieldAlignment);
        return this;
    }

    private static int roundUp(int value, int unit) {
        return (value + unit - 1) / unit * unit;
    }

    public String name() {
        return name;
    }

    /** {@code sizeof}. */
    public int size() {
        return roundUp(end, alignment);
    }

    public Set<String> fields() {
        return offsets.keySet();
    }

    /** {@code offsetof}. */
    public int offset(String field) {
        Integer offset = offsets.get(field);
        if (offset == null) {
            throw new IllegalArgumentException("struct " + name + " has no member " + field);
        }
        return offset;
    }

    /** The struct that begins at byte {@code base} of {@code memory}. */
    public View at(ByteBuffer memory, int base) {
        return new View(this, memory.slice(base, size()).order(ByteOrder.LITTLE_ENDIAN));
    }

    /** One struct in memory. */
    public record View(CStruct type, ByteBuffer memory) {
        public int getInt(String field) {
            return memory.getInt(type.offset(field));
        }

        public long getUnsigned(String field) {
            return Integer.toUnsignedLong(getInt(field));
        }

        public long getLong(String field) {
            return memory.getLong(type.offset(field));
        }

        public long getLong(String field, int index) {
            return memory.getLong(type.offset(field) + index * Long.BYTES);
        }

        public byte[] getBytes(String field) {
            byte[] bytes = new byte[type.sizes.get(field)];
            memory.get(type.offset(field), bytes);
            return bytes;
        }

        /** A NUL-terminated string, or one that fills the member. */
        public String getString(String field, Charset charset) {
            byte[] bytes = getBytes(field);
            int length = 0;
            while (length < bytes.length && bytes[length] != 0) {
                length++;
            }
            return new String(bytes, 0, length, charset);
        }

        public View getStruct(String field, CStruct fieldType, int index) {
            return fieldType.at(memory, type.offset(field) + index * fieldType.size());
        }

        public View putInt(String field, int value) {
            memory.putInt(type.offset(field), value);
            return this;
        }

        public View putLong(String field, long value) {
            memory.putLong(type.offset(field), value);
            return this;
        }

        /**
         * A NUL is written behind them.
         *
         * @throws CoreException if they do not fit
         */
        public View putString(String field, byte[] bytes) {
            int room = type.sizes.get(field) - 1;
            if (bytes.length > room) {
                throw new CoreException("%s takes %d bytes, but has %d: %s"
                        .formatted(field, room, bytes.length, new String(bytes, NativeText.CHARSET)));
            }
            memory.put(type.offset(field), bytes);
            memory.put(type.offset(field) + bytes.length, (byte) 0);
            return this;
        }

        public View putBytes(String field, byte[] bytes) {
            memory.put(type.offset(field), bytes, 0, Math.min(bytes.length, type.sizes.get(field)));
            return this;
        }
    }
}
