// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core.hotspot;

import dev.thaw.core.Foreign;
import java.lang.foreign.ValueLayout;
import java.util.OptionalLong;

/** The address range that the Java heap has reserved; 0,0 where HotSpot does not tell. */
public record JavaHeap(long start, long end) {
    private static final JavaHeap UNKNOWN = new JavaHeap(0, 0);

    /** Universe::_collectedHeap->_reserved, a MemRegion; its _word_size counts words of 8 bytes. */
    public static JavaHeap ofThisVm(VmStructs structs) {
        OptionalLong heap = structs.address("Universe", "_collectedHeap");
        OptionalLong reserved = structs.offset("CollectedHeap", "_reserved");
        OptionalLong start = structs.offset("MemRegion", "_start");
        OptionalLong words = structs.offset("MemRegion", "_word_size");
        if (heap.isEmpty() || reserved.isEmpty() || start.isEmpty() || words.isEmpty()) {
            return UNKNOWN;
        }
        long region = longAt(heap.getAsLong()) + reserved.getAsLong();
        long first = longAt(region + start.getAsLong());
        return new JavaHeap(first, first + longAt(region + words.getAsLong()) * Long.BYTES);
    }

    private static long longAt(long address) {
        return Foreign.memory(address, Long.BYTES).get(ValueLayout.JAVA_LONG, 0);
    }
}
