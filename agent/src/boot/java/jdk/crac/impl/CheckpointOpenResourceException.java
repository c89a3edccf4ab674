// SPDX-License-Identifier: Apache-2.0
package jdk.crac.impl;

/** Something is open that a snapshot cannot carry. */
public class CheckpointOpenResourceException extends Exception {
    private static final long serialVersionUID = 1L;

    public CheckpointOpenResourceException(String details, Throwable cause) {
        super(details, cause);
    }
}
