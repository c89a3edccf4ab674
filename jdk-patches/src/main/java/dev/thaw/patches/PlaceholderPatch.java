// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import dev.thaw.patches.boot.PlaceholderBoot;
import net.bytebuddy.ByteBuddy;

/** Placeholder: proves the build. */
public final class PlaceholderPatch {
    private PlaceholderPatch() {}

    public static String describe() {
        return new ByteBuddy() + " " + PlaceholderBoot.entered;
    }
}
