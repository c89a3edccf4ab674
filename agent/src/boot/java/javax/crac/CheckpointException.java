// SPDX-License-Identifier: Apache-2.0
package javax.crac;

/** No snapshot was written. The reasons are the suppressed exceptions. */
public class CheckpointException extends Exception {
    private static final long serialVersionUID = 1L;

    public CheckpointException() {}

    public CheckpointException(String message) {
        super(message);
    }
}
