// SPDX-License-Identifier: Apache-2.0
package jdk.crac.impl;

/** A file is open that a snapshot cannot carry. */
public class CheckpointOpenFileException extends CheckpointOpenResourceException {
    private static final long serialVersionUID = 1L;

    public CheckpointOpenFileException(String details, Throwable cause) {
        super(details, cause);
    }
}
