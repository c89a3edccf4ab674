// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import java.util.List;

/** What a restored process got from {@code thaw restore}. */
public interface Launch {
    /** NAME=value, a NUL behind each; null: it is not known, or the process was not restored. */
    byte[] environment();

    /** What followed DIR on the command line. */
    List<String> arguments();

    /** As of now. */
    default int processors() {
        return Runtime.getRuntime().availableProcessors();
    }

    /** Of a process that is not restored. */
    static Launch none() {
        return new Launch() {
            @Override
            public byte[] environment() {
                return null;
            }

            @Override
            public List<String> arguments() {
                return List.of();
            }
        };
    }
}
