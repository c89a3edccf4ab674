// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

import java.nio.charset.StandardCharsets;

/**
 * Where a thread has, or is about to have, a lock that knows its owner by his tid: {@code struct thaw_tid_place}.
 *
 * @param mutex of a lock: address of its pthread_mutex_t, within these bytes; else 0
 * @param name of the lock, for the one who reads that it was held
 */
public record TidPlace(Kind kind, long start, long bytes, long mutex, String name) {
    /** {@code enum thaw_tid_place_kind}, in its order. */
    public enum Kind { LOCK, CODE }

    void write(CStruct.View place) {
        place.putLong("start", start).putLong("bytes", bytes).putLong("mutex", mutex).putInt("kind", kind.ordinal())
                .putString("name", name.getBytes(StandardCharsets.US_ASCII));
    }
}
