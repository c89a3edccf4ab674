// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches.boot;

/** Placeholder: proves the build. */
public final class PlaceholderBoot {
    private PlaceholderBoot() {}

    public static int entered;
}
