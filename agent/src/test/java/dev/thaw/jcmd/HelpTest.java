// SPDX-License-Identifier: Apache-2.0
package dev.thaw.jcmd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HelpTest {
    @Test
    void putsOursInTheirPlacesOfHotSpotsList() {
        assertEquals("""
                The following commands are available:
                GC.run
                JDK.checkpoint
                JFR.check
                System.map
                Thaw.status
                Thread.print
                VM.version
                help

                For more information about a specific command use 'help <command>'.
                """, Help.merge("""
                The following commands are available:
                GC.run
                JFR.check
                System.map
                Thread.print
                VM.version
                help

                For more information about a specific command use 'help <command>'.
                """));
    }

    @Test
    void putsThemBeforeHelpWhereNothingElseFollows() {
        assertEquals("GC.run\nJDK.checkpoint\nThaw.status\nhelp\n", Help.merge("GC.run\nhelp\n"));
    }

    @Test
    void explainsThemInTheLongList() {
        String merged = Help.merge("GC.run\n\tCall java.lang.System.gc().\n\nThread.print\n\tPrint all threads.\n\n"
                + "help\n\tFor more information.\n\n");
        assertTrue(merged.contains("\n\nJDK.checkpoint\n\tWrite a snapshot of this JVM"), merged);
        assertTrue(merged.contains("\n\nThaw.status\n\tPrint what is loaded"), merged);
        assertTrue(merged.indexOf("Thaw.status") < merged.indexOf("Thread.print"), merged);
        assertTrue(merged.indexOf("GC.run") < merged.indexOf("JDK.checkpoint"), merged);
    }

    @Test
    void leavesWhatIsNoListAlone() {
        assertEquals("Out of memory\n", Help.merge("Out of memory\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"JDK.checkpoint", "Thaw.status"})
    void hasHotSpotsLayout(String name) {
        String text = Help.of(name);
        assertTrue(text.startsWith(name + "\n"), text);
        assertTrue(text.contains("\n\nImpact: "), text);
        assertTrue(text.contains("\n\nSyntax : " + name), text);
    }
}
