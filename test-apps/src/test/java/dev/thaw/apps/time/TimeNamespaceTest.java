// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.time;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.Completed;
import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.JvmUnderTest;
import dev.thaw.apps.harness.MetaFile;
import dev.thaw.apps.harness.OtherClock;
import dev.thaw.apps.harness.OtherUser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When a restore makes a time namespace, who may, and what it says to who may not. */
class TimeNamespaceTest {
    private static final String NOT_MADE = "thaw: no time namespace can be made: the process's monotonic clock must go on"
            + " at [0-9]+\\.[0-9]{3} s, this machine's is at [0-9]+\\.[0-9]{3} s; restore with CAP_SYS_ADMIN and"
            + " CAP_SYS_TIME \\(root\\)";
    /** The limit is the outer user namespace's own. */
    private static final List<String> NO_USER_NAMESPACES = List.of("unshare", "--user", "--map-current-user",
            "--keep-caps", "sh", "-c", "echo 0 > /proc/sys/user/max_user_namespaces || exit 99;"
                    + " exec setpriv --ambient-caps=-all --inh-caps=-all \"$@\"", "sh");

    private final OtherUser nobody = new OtherUser();
    private final SnapshotDirectory snapshots = nobody.snapshots();

    @AfterEach
    void delete() {
        nobody.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "user", "off"})
    void noneWhereTheClockHasGoneOn(String word) {
        checkpoint(JvmUnderTest.withAgent(snapshots.path()));
        try (RunningProcess restored = ThawCommand.restore(snapshots.path(), "--time-namespace=" + word)) {
            ask(restored);
            assertEquals(OtherClock.own(), OtherClock.of(restored.pid()));
        }
    }

    @Test
    void deltasGoFromOneToAnother() {
        OtherClock.mustBeAllowed();
        long nano = checkpoint(JvmUnderTest.withAgent(snapshots.path()).prefix(OtherClock.prefix()));
        for (List<String> prefix : List.of(List.<String>of(), OtherClock.prefix(), List.<String>of())) {
            try (RunningProcess restored = ThawCommand.restore(prefix, snapshots.path())) {
                long next = ask(restored);
                assertTrue(next > nano, next + " after " + nano);
                nano = next;
                assertNotEquals(OtherClock.own(), OtherClock.of(restored.pid()));
                long took = Jcmd.ofThisJdk().status(restored).number("restore ms");
                assertTrue(took < OtherClock.SECONDS, "a restore of " + took + " ms has two clocks");
                String reply = Jcmd.ofThisJdk().checkpoint(restored);
                assertTrue(reply.contains("delta of"), reply);
                restored.mustExit(ThawCommand.CHECKPOINTED);
                fromAnotherBoot(snapshots.numbers().getLast());
            }
        }
        assertEquals(List.of(1, 2, 3, 4), snapshots.numbers());
    }

    @Test
    void offLetsTimeJumpAheadButNotBack() {
        OtherClock.mustBeAllowed();
        long nano = checkpoint(JvmUnderTest.withAgent(snapshots.path()));
        fromAnotherBoot(1);
        try (RunningProcess restored =
                ThawCommand.restore(OtherClock.prefix(), snapshots.path(), "--time-namespace=off")) {
            long jumped = ask(restored) - nano;
            assertTrue(jumped > OtherClock.SECONDS * 1_000_000_000L, "by " + jumped);
            Jcmd.ofThisJdk().checkpoint(restored);
            restored.mustExit(ThawCommand.CHECKPOINTED);
        }
        Completed refused = ThawCommand.run("restore", snapshots.path().toString(), "--time-namespace=off");
        assertEquals(ThawCommand.REFUSED, refused.status());
        String sentence = "thaw: --time-namespace=off would set time back: the process's monotonic clock must go on at"
                + " [0-9]+\\.[0-9]{3} s, this machine's is at [0-9]+\\.[0-9]{3} s";
        assertTrue(refused.output().matches(sentence), refused.output());
    }

    @Test
    void anotherWordIsAWrongCommandLine() {
        Completed wrong = ThawCommand.run("restore", snapshots.path().toString(), "--time-namespace=maybe");
        assertEquals(2, wrong.status());
        assertEquals("thaw: --time-namespace is auto, user or off, not maybe", wrong.output());
    }

    @Test
    void anOrdinaryUserIsToldTheClocksAndTheWaysOut() {
        checkpointOfNobody();
        assertRefused(nobody.restore(snapshots.path()), ", or in a user namespace with --time-namespace=user,"
                + " or let time jump ahead with --time-namespace=off: Operation not permitted \\(EPERM\\)");
    }

    @Test
    void whereUserNamespacesAreForbiddenNoneOfThemIsNamed() {
        OtherClock.mustBeAllowedToUsers();
        checkpointOfNobody();
        assertRefused(nobody.restore(NO_USER_NAMESPACES, snapshots.path(), "--time-namespace=user"),
                ", or let time jump ahead with --time-namespace=off: No space left on device \\(ENOSPC\\)");
    }

    @Test
    void anOrdinaryUserMayMakeOneInAUserNamespace() throws IOException {
        OtherClock.mustBeAllowedToUsers();
        long nano = checkpointOfNobody();
        for (int number = 1; number <= 2; number++) {
            try (RunningProcess restored = nobody.restore(snapshots.path(), "--time-namespace=user")) {
                long next = ask(restored);
                assertTrue(next > nano, next + " after " + nano);
                nano = next;
                assertNotEquals(OtherClock.own(), OtherClock.of(restored.pid()));
                assertHasWhatItHad(restored.pid());
                String reply = nobody.jcmd().checkpoint(restored);
                assertTrue(reply.contains("delta of"), reply);
                restored.mustExit(ThawCommand.CHECKPOINTED);
                fromAnotherBoot(number + 1);
            }
        }
    }

    /** Its uid, and no capability; /proc/PID is its user's, as before. */
    private static void assertHasWhatItHad(long pid) throws IOException {
        List<String> status = Files.readAllLines(Path.of("/proc/" + pid + "/status"));
        assertTrue(status.contains("CapEff:\t0000000000000000"), status.toString());
        assertTrue(status.contains("CapPrm:\t0000000000000000"), status.toString());
        assertEquals(OtherUser.isRoot() ? "nobody" : System.getProperty("user.name"),
                Files.getOwner(Path.of("/proc/" + pid + "/status")).getName());
    }

    private static void assertRefused(RunningProcess refused, String rest) {
        try (refused) {
            refused.mustExit(ThawCommand.REFUSED);
            String said = String.join("\n", refused.output());
            assertTrue(said.matches(NOT_MADE + rest), said);
            assertFalse(said.contains("\n"), said);
        }
    }

    private long checkpointOfNobody() {
        long nano = checkpoint(nobody.jvm(snapshots.path()), nobody.jcmd());
        fromAnotherBoot(1);
        return nano;
    }

    private long checkpoint(JvmUnderTest jvm) {
        return checkpoint(jvm, Jcmd.ofThisJdk());
    }

    private static long checkpoint(JvmUnderTest jvm, Jcmd jcmd) {
        try (RunningProcess app = jvm.options("-Xmx64m", "--enable-native-access=ALL-UNNAMED").start("time.Clocks")) {
            app.awaitLine("ready");
            long nano = ask(app);
            jcmd.checkpoint(app);
            app.mustExit(ThawCommand.CHECKPOINTED);
            return nano;
        }
    }

    private void fromAnotherBoot(int number) {
        MetaFile.read(snapshots.meta(number)).set("boot_id", 0).seal();
    }

    private static long ask(RunningProcess app) {
        app.send("ask");
        return Long.parseLong(app.awaitLine("nano ([0-9]+) start [0-9]+ agree true").group(1));
    }
}
