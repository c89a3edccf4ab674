// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

import java.util.Objects;

/**
 * What becomes of an open descriptor. It holds only if the descriptor is still open on the same file when all threads
 * stand still; otherwise it is as if nobody had decided.
 *
 * @param fd     or {@link #MAPPING}
 * @param device st_dev
 * @param inode  st_ino
 */
public record DescriptorDecision(int fd, long device, long inode, Action action) {
    /** In place of a number: the file is written through shared mappings. */
    public static final int MAPPING = -1;

    /** {@code enum thaw_action}, in its order. */
    public enum Action {
        /** The checkpoint is refused. */
        ERROR,
        /** Made again in the restored process, where that is possible at all. */
        CARRY,
        /** The restored process has something in its place that fails every use. */
        CLOSE
    }

    public DescriptorDecision {
        Objects.requireNonNull(action, "action");
    }
}
