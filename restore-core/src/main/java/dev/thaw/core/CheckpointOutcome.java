// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** How {@link NativeCore#checkpoint} came back. */
public sealed interface CheckpointOutcome {
    CheckpointOutcome RESTORED = new Restored();

    /**
     * The snapshot is complete and this process runs on.
     *
     * @param parentNumber  0: it is full, and {@code fullReason} says why
     * @param report        one line for people: path, kind, size, pause
     * @param ownPages      stored now
     * @param parentPages   left as references to earlier snapshots
     * @param snapshotBytes pages and metadata
     * @param warning       what did not work although the snapshot is complete; empty: nothing
     */
    record Written(Path path, int number, int parentNumber, FullReason fullReason, String report,
            long ownPages, long parentPages, long snapshotBytes, Times times, int threads, int quiesceRetries,
            String warning) implements CheckpointOutcome {}

    /** {@code sync} is not part of {@code pause}; the others are. */
    record Times(Duration pause, Duration quiesce, Duration write, Duration track, Duration sync) {}

    /** This is the restored process. */
    record Restored() implements CheckpointOutcome {}

    /**
     * Nothing was written and this process runs on as if nothing had been asked.
     *
     * @param refusals the first 64 of {@code refusalCount}
     */
    record Failed(Step step, int errno, long operand, String operandText, List<Refusal> refusals,
            int refusalCount) implements CheckpointOutcome {
        public Failed {
            refusals = List.copyOf(refusals);
        }

        /** One sentence: the step, the operands, the errno and what to do. */
        public String message() {
            return FailureText.of(this);
        }
    }
}
