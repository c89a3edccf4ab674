// SPDX-License-Identifier: Apache-2.0
package dev.thaw.jcmd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class CommandLineTest {
    @Test
    void splitsAtBlanks() {
        assertEquals(new CommandLine("JDK.checkpoint", List.of("keep_running=true", "to=/x")),
                CommandLine.parse("  JDK.checkpoint  keep_running=true\tto=/x "));
        assertEquals(new CommandLine("help", List.of()), CommandLine.parse("help"));
        assertEquals(new CommandLine("", List.of()), CommandLine.parse("  "));
    }

    @Test
    void keepsWhatIsQuotedTogether() {
        assertEquals(new CommandLine("JDK.checkpoint", List.of("to=/a b/c'd", "x y", "")),
                CommandLine.parse("JDK.checkpoint \"to=/a b/c'd\" 'x y' ''"));
        assertEquals(new CommandLine("JDK.checkpoint", List.of("to=/a b")),
                CommandLine.parse("JDK.checkpoint to=\"/a b\""));
    }

    @Test
    void twoLinesAreNoCommandOfOurs() {
        assertEquals("help\nVM.version", CommandLine.parse("help\nVM.version").name());
    }
}
