// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import java.lang.instrument.Instrumentation;
import java.util.List;

/** All patches, in the order they are installed. */
public final class JdkPatches {
    private JdkPatches() {}

    /**
     * Installs each patch that is not switched off; to be called once, before the first checkpoint.
     *
     * @throws IllegalStateException naming the patch that did not take
     */
    public static List<Patch> install(Instrumentation instrumentation) {
        return List.of();
    }

    /** Every installed patch's {@link Patch#afterRestore}. */
    public static void afterRestore(long oldPid, long newPid) {
    }
}
