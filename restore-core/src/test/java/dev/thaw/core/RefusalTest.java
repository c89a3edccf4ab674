// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.core.Refusal.Kind;
import dev.thaw.core.Refusal.Reason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RefusalTest {
    @Test
    void namesDescriptorAndBothAddressesOfAConnection() {
        assertEquals("established TCP connection 127.0.0.1:8080 -> 127.0.0.1:53412 (fd 12): "
                + "close it in beforeCheckpoint and connect again in afterRestore",
                new Refusal(Reason.CONNECTION, 12, 0, 0, "127.0.0.1:8080", "127.0.0.1:53412", "").message());
    }

    @Test
    void leavesOutWhatIsNotKnown() {
        assertEquals("connected Unix socket /run/x (fd 5): close it in beforeCheckpoint and connect again in "
                + "afterRestore", new Refusal(Reason.UNIX_CONNECTION, 5, 0, 0, "/run/x", "", "").message());
        assertEquals("running child process: wait for its end, or end it, in beforeCheckpoint",
                new Refusal(Reason.CHILD, -1, 0, 0, "", "", "").message());
    }

    @Test
    void namesTheKindOfASocket() {
        assertEquals("UDP socket 0.0.0.0:53 (fd 7): close it in beforeCheckpoint and open it again in afterRestore",
                new Refusal(Reason.SOCKET, 7, 0, 0, "0.0.0.0:53", "", "UDP socket").message());
    }

    @Test
    void namesPidAndCommandOfAChild() {
        assertTrue(new Refusal(Reason.CHILD, -1, 4711, 0, "", "", "cat").message()
                .startsWith("running child process cat (pid 4711): "));
    }

    @Test
    void namesFileAndAddressOfAMapping() {
        assertTrue(new Refusal(Reason.SHARED_MAPPING, -1, 0, 0x7f0012345000L, "", "", "/data/db").message()
                .startsWith("writable shared mapping of /data/db (at 0x7f0012345000): "));
    }

    @ParameterizedTest
    @EnumSource(Reason.class)
    void everyReasonGivesNameAndRemedy(Reason reason) {
        String message = new Refusal(reason, 3, 99, 0, "LOCAL", "REMOTE", "NAME").message();
        assertTrue(message.contains("NAME") || message.contains("LOCAL -> REMOTE"), message);
        assertTrue(message.contains("(fd 3)") || message.contains("(pid 99)"), message);
        assertTrue(message.contains("): ") && message.matches(".*(close|map|end|remove).*"), message);
    }

    @Test
    void tellsWhichExceptionFits() {
        assertEquals(Kind.SOCKET, new Refusal(Reason.SOCKET, 1, 0, 0, "", "", "").kind());
        assertEquals(Kind.FILE, new Refusal(Reason.WRITABLE_FILE, 1, 0, 0, "", "", "").kind());
        assertEquals(Kind.RESOURCE, new Refusal(Reason.CHILD, -1, 1, 0, "", "", "").kind());
    }
}
