// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

/** The engine cannot be used in this JVM; the message says why and what to do. */
public final class CoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CoreException(String message) {
        super(message);
    }

    public CoreException(String message, Throwable cause) {
        super(message, cause);
    }
}
