// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import static org.junit.jupiter.api.Assertions.assertNull;

import dev.thaw.patches.boot.PlaceholderBoot;
import org.junit.jupiter.api.Test;

/** Placeholder: proves the build. */
class PlaceholderPatchTest {
    @Test
    void bootClassesAreOnTheBootLoader() {
        assertNull(PlaceholderBoot.class.getClassLoader());
    }
}
