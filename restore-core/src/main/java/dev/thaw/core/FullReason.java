// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

/** {@code enum thaw_full_reason}, in its order: why a snapshot is full. */
public enum FullReason {
    IS_DELTA("it is a delta"),
    FIRST("it is the first of this process"),
    ASKED("a full one was asked for"),
    OTHER_FOLDER("its parent is in another folder"),
    PARENT_MISSING("its parent is no longer there"),
    PARENT_CHANGED("another snapshot, or a damaged one, stands in its parent's place"),
    NOT_TRACKED("this kernel or sandbox does not let us track written pages (userfaultfd write protection)"),
    AFTER_FAILURE("the checkpoint before it failed"),
    CHAIN_LONG("its image would refer to too many earlier snapshots");

    private final String text;

    FullReason(String text) {
        this.text = text;
    }

    /** Completes "full, because …". */
    public String text() {
        return text;
    }
}
