// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core.hotspot;

import java.lang.foreign.MemorySegment;
import java.util.Map;

/**
 * Start and end of garbage collections, for the fault path: one that touches much of what is missing is about to touch
 * all of it.
 */
public final class CollectionEvents {
    private static final int GARBAGE_COLLECTION_START = 81;
    private static final int GARBAGE_COLLECTION_FINISH = 82;
    /** can_generate_garbage_collection_events. */
    private static final int CAPABILITY = 31;

    private CollectionEvents() {}

    /**
     * For the rest of this JVM's life, and those of its restored processes. HotSpot calls both functions in its own
     * thread while no Java runs; they may not wait.
     */
    public static void report(JvmTi jvmTi, MemorySegment started, MemorySegment finished) {
        jvmTi.environment(CAPABILITY).ifPresent(environment -> {
            if (!environment.want(Map.of(GARBAGE_COLLECTION_START, started, GARBAGE_COLLECTION_FINISH, finished))) {
                environment.close();
            }
        });
    }
}
