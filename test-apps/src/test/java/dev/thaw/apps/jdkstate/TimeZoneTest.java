// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.jdkstate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.thaw.apps.drive.RunningProcess;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The default time zone is that of the machine and environment of the restore, unless somebody chose one. */
class TimeZoneTest {
    private static final List<String> IN_TOKYO = List.of("env", "TZ=Asia/Tokyo");

    @Test
    void followsTheRestoresEnvironment() {
        try (Clones clones = inParis(null, List.of()); RunningProcess restored = checkpointed(clones, IN_TOKYO)) {
            assertZone(restored, "Asia/Tokyo");
        }
    }

    @Test
    void withoutThePatchItStays() {
        try (Clones clones = inParis("TimeZone", List.of()); RunningProcess restored = checkpointed(clones, IN_TOKYO)) {
            assertZone(restored, "Europe/Paris");
        }
    }

    @Test
    void thatTheApplicationSetStays() {
        try (Clones clones = inParis(null, List.of())) {
            clones.ask("set America/Lima", "set");
            try (RunningProcess restored = checkpointed(clones, IN_TOKYO)) {
                Clones.ask(restored, "zone", "zone America/Lima .*");
            }
        }
    }

    @Test
    void thatThePropertySetStays() {
        try (Clones clones = inParis(null, List.of("-Duser.timezone=Asia/Kolkata"));
             RunningProcess restored = checkpointed(clones, IN_TOKYO)) {
            assertZone(restored, "Asia/Kolkata");
        }
    }

    /** Also one that is the old one. */
    @Test
    void thatThePropertyOfTheRestoreSetsHolds() {
        try (Clones clones = inParis(null, List.of()); RunningProcess restored =
                checkpointed(clones, IN_TOKYO, "-Duser.timezone=Europe/Paris")) {
            assertZone(restored, "Europe/Paris");
        }
        try (Clones clones = inParis(null, List.of())) {
            clones.ask("set America/Lima", "set");
            try (RunningProcess restored = checkpointed(clones, IN_TOKYO, "-Duser.timezone=Asia/Seoul")) {
                assertZone(restored, "Asia/Seoul");
            }
        }
    }

    private static Clones inParis(String patch, List<String> flags) {
        Clones clones = new Clones(patch, "Environment", flags, Map.of("TZ", "Europe/Paris"));
        clones.original().awaitLine("ready");
        String zone = flags.isEmpty() ? "Europe/Paris" : "Asia/Kolkata";
        assertZone(clones.original(), zone);
        return clones;
    }

    private static RunningProcess checkpointed(Clones clones, List<String> prefix, String... options) {
        clones.checkpoint();
        return clones.restore(prefix, options);
    }

    private static void assertZone(RunningProcess process, String zone) {
        assertEquals("zone " + zone + " property " + zone, Clones.ask(process, "zone", "zone .*").group());
    }
}
