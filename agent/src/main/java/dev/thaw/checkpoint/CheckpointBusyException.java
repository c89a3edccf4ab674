// SPDX-License-Identifier: Apache-2.0
package dev.thaw.checkpoint;

/** Another checkpoint is under way, and this request did not want to wait for its end. */
public final class CheckpointBusyException extends Exception {
    private static final long serialVersionUID = 1L;
}
