// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches.boot;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Who opened what, for {@code jdk.crac.collect-fd-stacktraces}. Called by the constructors of what holds descriptors,
 * under any lock, and maybe as the first code of a thread: no lambdas, no string concatenation with +.
 */
public final class OpenTraces {
    /** Oldest first. */
    private static final Set<OpenTrace> TRACES = new LinkedHashSet<>();
    private static final ReferenceQueue<Object> COLLECTED = new ReferenceQueue<>();

    private OpenTraces() {}

    /** By a java.io.FileDescriptor, which gets its number later. */
    public static void opened(Object holder) {
        opened(holder, OpenTrace.IN_OBJECT);
    }

    public static void opened(Object holder, int fd) {
        String text = "This file descriptor was created by ".concat(Thread.currentThread().getName())
                .concat(" at epoch:").concat(Long.toString(System.currentTimeMillis())).concat(" here");
        OpenTrace trace = new OpenTrace(holder, COLLECTED, fd, new Exception(text));
        synchronized (TRACES) {
            for (Reference<?> gone = COLLECTED.poll(); gone != null; gone = COLLECTED.poll()) {
                TRACES.remove(gone);
            }
            TRACES.add(trace);
        }
    }

    /** Those whose holder is still there, oldest first. */
    public static List<OpenTrace> all() {
        synchronized (TRACES) {
            return new ArrayList<>(TRACES);
        }
    }
}
