// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.core.CheckpointOutcome.Failed;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FailureTextTest {
    private static final Refusal UDP = new Refusal(Refusal.Reason.SOCKET, 7, 0, 0, "", "", "UDP socket");

    @Test
    void namesPathErrnoAndRemedyOfAFailedWrite() {
        assertEquals("cannot write /d/.tmp/pages: No space left on device (ENOSPC): "
                + "free some space, or choose another folder with to=DIR",
                failed(Step.WRITE, Errno.ENOSPC, 0, "/d/.tmp/pages").message());
        assertEquals("cannot create /d/.tmp: Permission denied (EACCES): "
                + "choose a folder that this user may write to with to=DIR",
                failed(Step.CREATE, Errno.EACCES, 0, "/d/.tmp").message());
    }

    @Test
    void namesTheThreadThatDidNotPark() {
        assertTrue(failed(Step.PARK, 0, 4711, "worker-1").message()
                .startsWith("thread 'worker-1' (tid 4711) did not park in time: "));
    }

    @Test
    void saysThatACheckpointIsAlreadyInProgress() {
        assertTrue(failed(Step.BUSY, 0, 0, "").message().contains("already in progress"));
    }

    @Test
    void writesAnAddressInHexadecimal() {
        assertTrue(failed(Step.READ_MEMORY, 14, 0x7f0012345000L, "").message()
                .startsWith("cannot read the memory at 0x7f0012345000: Bad address (EFAULT): "));
    }

    @Test
    void aDirtySetThatIsLostHasNoAddress() {
        assertEquals("what was written since the last snapshot is no longer known: the snapshot was given up; try again, "
                + "the next one will be full", failed(Step.TRACK, 11, 0, "").message());
    }

    @Test
    void oneRefusalIsTheMessageAndManyAreCounted() {
        assertEquals(UDP.message(), new Failed(Step.REFUSED, 0, 0, "", List.of(UDP), 1).message());
        assertEquals("70 things are open that a snapshot cannot carry, each named below",
                new Failed(Step.REFUSED, 0, 0, "", Collections.nCopies(64, UDP), 70).message());
    }

    @ParameterizedTest
    @EnumSource(Step.class)
    void everyStepGivesOneSentence(Step step) {
        String message = failed(step, 5, 42, "TEXT").message();
        assertFalse(message.contains("%") || message.contains("\n") || message.endsWith(" ")
                || message.endsWith(":"), message);
        assertFalse(failed(step, 0, 42, "").message().contains(": :"), message);
    }

    @Test
    void anUnknownErrnoKeepsItsNumber() {
        assertEquals("error 9999", Errno.text(9999));
        assertEquals("", Errno.text(0));
    }

    private static Failed failed(Step step, int errno, long operand, String text) {
        return new Failed(step, errno, operand, text, List.of(), 0);
    }
}
