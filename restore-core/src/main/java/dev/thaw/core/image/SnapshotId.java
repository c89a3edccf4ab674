// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core.image;

import java.nio.ByteBuffer;

/** The random id of a snapshot. */
public record SnapshotId(long high, long low) {
    static SnapshotId of(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return new SnapshotId(buffer.getLong(), buffer.getLong());
    }

    /** The parent's id in a full snapshot. */
    public boolean isNone() {
        return high == 0 && low == 0;
    }

    @Override
    public String toString() {
        return "%016x%016x".formatted(high, low);
    }
}
