// SPDX-License-Identifier: Apache-2.0
package dev.thaw.resources;

/** The file of resource policies cannot be used. The message is one sentence that names it, and the line. */
public final class PolicyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    PolicyException(String message, Throwable cause) {
        super(message, cause);
    }
}
