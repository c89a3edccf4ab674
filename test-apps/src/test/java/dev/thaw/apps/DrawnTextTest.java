// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.JvmUnderTest;
import dev.thaw.apps.harness.Lifecycle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** AWT without a display: a restored process draws each pixel as another does. Needs fontconfig and a font. */
class DrawnTextTest {
    private static final String SEEN = "Grüße, Welt: 0123";
    private static final String NEW_GLYPHS = "Ωmega ѣ → ½";

    private final SnapshotDirectory snapshots = SnapshotDirectory.create();

    @AfterEach
    void delete() {
        snapshots.close();
    }

    @Test
    void textIsDrawnScaledAndEncodedAsBefore() {
        String seen;
        try (RunningProcess app = JvmUnderTest.withAgent(snapshots.path()).start("DrawnText")) {
            assumeTrue(app.awaitLine("ready|no fonts").group().equals("ready"), "this machine has no fonts");
            seen = draw(app, SEEN);
            assertNotEquals(seen, draw(app, SEEN + "4"));
            Lifecycle.checkpoint(app);
        }
        String drawnByAnother;
        try (RunningProcess another = JvmUnderTest.withoutAgent().start("DrawnText")) {
            assertEquals(seen, draw(another, SEEN));
            drawnByAnother = draw(another, NEW_GLYPHS);
        }
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            assertEquals(drawnByAnother, draw(restored, NEW_GLYPHS));
            assertEquals(seen, draw(restored, SEEN));
            assertTrue(Lifecycle.checkpoint(restored).isDelta());
        }
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            assertEquals(drawnByAnother, draw(restored, NEW_GLYPHS));
            Lifecycle.mustEndCleanly(restored);
        }
    }

    private static String draw(RunningProcess app, String text) {
        app.send(text);
        return app.awaitLine("drawn (.*)").group(1);
    }
}
