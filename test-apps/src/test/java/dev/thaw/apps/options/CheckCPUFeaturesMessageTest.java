// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.Completed;
import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.JvmUnderTest;
import dev.thaw.apps.harness.MetaFile;
import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

/** `thaw restore --cpu-features-message`: what a user's own tool can read when the CPU does not fit. */
class CheckCPUFeaturesMessageTest {
    @Test
    void theUsersMessageStandsAloneWithTheFeaturesOfBoth() throws IOException {
        try (SnapshotDirectory snapshots = SnapshotDirectory.create()) {
            try (RunningProcess app = JvmUnderTest.withAgent(snapshots.path()).options("-Xmx64m", "-XX:+UseSerialGC")
                    .start("options.Asking")) {
                app.awaitLine("ready");
                Jcmd.ofThisJdk().checkpoint(app);
                app.mustExit(ThawCommand.CHECKPOINTED);
            }
            String here = Files.readAllLines(snapshots.snapshot(1).resolve("tags")).stream()
                    .filter(line -> line.startsWith("bitmap:cpu.features=")).findFirst().orElseThrow().substring(20);
            MetaFile.read(snapshots.meta(1)).set("cpu.leaf7_ebx", -1).seal();
            Completed refused = ThawCommand.run("restore", snapshots.path().toString(),
                    "--cpu-features-message=%cMine%s100%%%m.");
            String there = here.substring(0, 16) + "ffffffff" + here.substring(24);
            String missing = "0".repeat(16)
                    + "%08x".formatted(~Integer.parseUnsignedInt(here.substring(16, 24), 16)) + "0".repeat(40);
            assertEquals(here + "Mine" + there + "100%" + missing + ".", refused.output());
            assertEquals(ThawCommand.REFUSED, refused.status());
            assertTrue(here.matches("[0-9a-f]{64}"), here);
        }
    }
}
