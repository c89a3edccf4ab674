// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

/** {@code enum thaw_step}, in its order: where a checkpoint failed. */
public enum Step {
    NONE, SETUP, BUSY, MEMORY, LOAD_REST, CREATE, SIGNAL_TAKEN, PARK, REFUSED, MAPS, SCAN, READ_MEMORY, WRITE, SYNC,
    PUBLISH, TRACK, TID_LOCK
}
