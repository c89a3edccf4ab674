// SPDX-License-Identifier: Apache-2.0
package dev.thaw.checkpoint;

import dev.thaw.core.NativeCore;
import dev.thaw.patches.Launch;
import java.util.List;

/** What the engine has of {@code thaw restore}. */
record RestoredLaunch(NativeCore core) implements Launch {
    @Override
    public byte[] environment() {
        return core.restoreEnvironment();
    }

    @Override
    public List<String> arguments() {
        return core.restoreArguments();
    }
}
