// SPDX-License-Identifier: Apache-2.0
package dev.thaw.jcmd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class VmArgumentsTest {
    @Test
    void readsWhatConcernsTheAttachListener() {
        assertEquals(new VmArguments(false, false), VmArguments.of(null));
        assertEquals(new VmArguments(false, false), VmArguments.of(new String[] {"-Xmx1g"}));
        assertEquals(new VmArguments(true, false), VmArguments.of(new String[] {"-XX:+DisableAttachMechanism"}));
        assertEquals(new VmArguments(false, true), VmArguments.of(new String[] {"-XX:+StartAttachListener"}));
        assertEquals(new VmArguments(false, true), VmArguments.of(new String[] {"-Xrs"}));
    }

    @Test
    void theLastOfContradictingOnesCounts() {
        assertEquals(new VmArguments(false, true), VmArguments.of(new String[] {"-XX:+DisableAttachMechanism",
            "-XX:-StartAttachListener", "-XX:-DisableAttachMechanism", "-XX:+StartAttachListener"}));
    }
}
