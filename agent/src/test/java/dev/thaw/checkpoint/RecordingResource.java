// SPDX-License-Identifier: Apache-2.0
package dev.thaw.checkpoint;

import java.util.List;
import jdk.crac.Context;
import jdk.crac.Resource;

/** Notes that it was called, and does what the test tells it to. */
final class RecordingResource implements Resource {
    final List<String> calls;
    boolean active = true;
    Exception before;
    Error beforeError;
    Exception after;
    Runnable onBefore;
    Runnable onAfter;

    RecordingResource(List<String> calls) {
        this.calls = calls;
    }

    @Override
    public void beforeCheckpoint(Context<? extends Resource> context) throws Exception {
        if (active) {
            calls.add("before");
            call(onBefore, beforeError, before);
        }
    }

    @Override
    public void afterRestore(Context<? extends Resource> context) throws Exception {
        if (active) {
            calls.add("after");
            call(onAfter, null, after);
        }
    }

    private static void call(Runnable action, Error error, Exception exception) throws Exception {
        if (action != null) {
            action.run();
        }
        if (error != null) {
            throw error;
        }
        if (exception != null) {
            throw exception;
        }
    }
}
