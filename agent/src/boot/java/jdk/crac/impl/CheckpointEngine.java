// SPDX-License-Identifier: Apache-2.0
package jdk.crac.impl;

import jdk.crac.CheckpointException;
import jdk.crac.RestoreException;

/** What {@link jdk.crac.Core} needs of the agent, which lives in another class loader. */
public interface CheckpointEngine {
    void checkpointRestore() throws CheckpointException, RestoreException;

    /** Defines what of {@code jdk.crac.management} is needed only with java.lang.management in use. */
    void defineManagement();

    /** Epoch milliseconds when the last restore began; -1: this process was not restored. */
    long restoreMillis();

    /** -1: this process was not restored. */
    long millisSinceRestore();

    /** Where the agent leaves its engine. */
    final class Installed {
        private static volatile CheckpointEngine engine;

        private Installed() {}

        public static CheckpointEngine engine() {
            return engine;
        }

        /** Once, at start. */
        public static void install(CheckpointEngine ours) {
            engine = ours;
        }
    }
}
