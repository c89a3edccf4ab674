// SPDX-License-Identifier: Apache-2.0
package jdk.crac.impl;

/** A socket is open that a snapshot cannot carry. */
public class CheckpointOpenSocketException extends CheckpointOpenResourceException {
    private static final long serialVersionUID = 1L;

    public CheckpointOpenSocketException(String details, Throwable cause) {
        super(details, cause);
    }
}
