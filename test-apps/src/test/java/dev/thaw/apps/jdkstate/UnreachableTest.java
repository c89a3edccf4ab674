// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.jdkstate;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.harness.Peer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A full checkpoint waits until cleaners have closed what the collector found. */
class UnreachableTest {
    private static final int SLOW_SECONDS = 3;

    @TempDir
    private Path folder;

    @Test
    void filesAndSocketsThatNobodyClosedDoNotHinder() {
        try (Peer peer = new Peer(); Clones clones = ready(null)) {
            clones.ask("file " + folder.resolve("file"), "left open");
            clones.ask("socket " + peer.port(), "left open");
            clones.ask("linked " + folder.resolve("linked"), "left open");
            clones.ask("cleaner " + folder.resolve("cleaner") + " " + SLOW_SECONDS, "left open");
            clones.checkpoint();
            clones.restore().close();
        }
    }

    @Test
    void withoutThePatchWhatACleanerHasNotClosedYetIsRefused() {
        try (Clones clones = ready("CleanerImpl")) {
            Path file = folder.resolve("cleaner");
            clones.ask("cleaner " + file + " " + 4 * SLOW_SECONDS, "left open");
            String refusal = clones.refusal();
            assertTrue(refusal.contains(file.toString()), refusal);
        }
    }

    private static Clones ready(String patch) {
        Clones clones = new Clones(patch, "Unreachable");
        RunningProcess original = clones.original();
        original.awaitLine("ready");
        return clones;
    }
}
