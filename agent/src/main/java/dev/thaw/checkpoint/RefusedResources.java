// SPDX-License-Identifier: Apache-2.0
package dev.thaw.checkpoint;

import dev.thaw.core.CheckpointOutcome.Failed;
import dev.thaw.core.Refusal;
import dev.thaw.resources.Openers;
import jdk.crac.CheckpointException;
import jdk.crac.impl.CheckpointOpenFileException;
import jdk.crac.impl.CheckpointOpenResourceException;
import jdk.crac.impl.CheckpointOpenSocketException;

/** What the engine refused, as the exceptions of CRaC. */
final class RefusedResources {
    private RefusedResources() {}

    static void addTo(CheckpointException failure, Failed failed) {
        int last = Openers.lastToAskFor(failed.refusals());
        for (int i = 0; i < failed.refusals().size(); i++) {
            Refusal refusal = failed.refusals().get(i);
            String message = refusal.message() + Openers.ownerOf(refusal);
            failure.addSuppressed(exception(refusal, i == last ? message + Openers.HINT : message));
        }
        int more = failed.refusalCount() - failed.refusals().size();
        if (more > 0) {
            failure.addSuppressed(new CheckpointOpenResourceException("and " + more + " more", null));
        }
        if (failed.refusals().isEmpty()) {
            failure.addSuppressed(new RuntimeException(failed.message()));
        }
    }

    private static Exception exception(Refusal refusal, String message) {
        Exception opened = Openers.placeOf(refusal);
        return switch (refusal.kind()) {
            case FILE -> new CheckpointOpenFileException(message, opened);
            case SOCKET -> new CheckpointOpenSocketException(message, opened);
            case RESOURCE -> new CheckpointOpenResourceException(message, opened);
        };
    }
}
