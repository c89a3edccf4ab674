// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.core.CheckpointOutcome.Failed;
import dev.thaw.core.CheckpointOutcome.Written;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class ResultReaderTest {
    private final CStruct.View result = Layouts.RESULT.at(ByteBuffer.allocate(Layouts.RESULT.size()), 0);

    @Test
    void readsAWrittenSnapshot() {
        result.putInt("outcome", 1).putString("path", ascii("/d/0002")).putInt("number", 2).putInt("parent_number", 1)
                .putString("report", ascii("one line")).putLong("own_pages", 10).putLong("parent_pages", 20)
                .putLong("snapshot_bytes", 50_000).putLong("pause_ns", 1_000_000).putLong("sync_ns", 7)
                .putInt("threads", 30).putInt("quiesce_retries", 1);
        Written written = assertInstanceOf(Written.class, ResultReader.read(result));
        assertEquals(Path.of("/d/0002"), written.path());
        assertEquals(2, written.number());
        assertEquals(1, written.parentNumber());
        assertEquals(FullReason.IS_DELTA, written.fullReason());
        assertEquals("one line", written.report());
        assertEquals(10, written.ownPages());
        assertEquals(20, written.parentPages());
        assertEquals(Duration.ofMillis(1), written.times().pause());
        assertEquals(Duration.ofNanos(7), written.times().sync());
        assertEquals("", written.warning());
    }

    @Test
    void warnsOfAStepThatFailedBesideACompleteSnapshot() {
        result.putInt("outcome", 1).putInt("step", Step.TRACK.ordinal()).putInt("error", 12).putLong("operand", 0x1000);
        Written written = (Written) ResultReader.read(result);
        assertTrue(written.warning().contains("cannot be tracked at 0x1000: Cannot allocate memory (ENOMEM)"),
                written.warning());
    }

    @Test
    void readsRefusals() {
        result.putInt("step", Step.REFUSED.ordinal()).putInt("refusal_count", 2);
        refusal(0).putInt("fd", 12).putInt("address_bytes", 16)
                .putBytes("local", HexFormat.of().parseHex("02001f907f000001"))
                .putBytes("remote", HexFormat.of().parseHex("0200d0a47f000001"));
        refusal(1).putInt("reason", Refusal.Reason.CHILD.ordinal()).putInt("fd", -1).putInt("pid", 99)
                .putString("name", ascii("cat"));
        Failed failed = (Failed) ResultReader.read(result);
        assertEquals("127.0.0.1:8080", failed.refusals().get(0).local());
        assertEquals("127.0.0.1:53412", failed.refusals().get(0).remote());
        assertEquals(new Refusal(Refusal.Reason.CHILD, -1, 99, 0, "", "", "cat"), failed.refusals().get(1));
    }

    @Test
    void readsNoMoreRefusalsThanThereIsRoomFor() {
        result.putInt("step", Step.REFUSED.ordinal()).putInt("refusal_count", 1000);
        Failed failed = (Failed) ResultReader.read(result);
        assertEquals(64, failed.refusals().size());
        assertEquals(1000, failed.refusalCount());
    }

    @Test
    void refusesATextThatDoesNotFit() {
        byte[] fits = new byte[4095];
        result.putString("path", fits);
        assertThrows(CoreException.class, () -> result.putString("path", new byte[4096]));
    }

    private CStruct.View refusal(int index) {
        return result.getStruct("refusals", Layouts.REFUSAL, index);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
