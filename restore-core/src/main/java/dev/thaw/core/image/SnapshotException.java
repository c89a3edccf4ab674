// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core.image;

import java.io.IOException;

/** A snapshot is damaged, of another version, or incomplete: one sentence that names the file. */
public final class SnapshotException extends IOException {
    private static final long serialVersionUID = 1L;

    public SnapshotException(String message) {
        super(message);
    }

    public SnapshotException(String message, Throwable cause) {
        super(message, cause);
    }
}
