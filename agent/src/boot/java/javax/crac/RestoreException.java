// SPDX-License-Identifier: Apache-2.0
package javax.crac;

/** The process was restored, but some resources could not recover. Theirs are the suppressed exceptions. */
public class RestoreException extends Exception {
    private static final long serialVersionUID = 1L;

    public RestoreException() {}

    public RestoreException(String message) {
        super(message);
    }
}
