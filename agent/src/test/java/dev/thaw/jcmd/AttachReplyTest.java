// SPDX-License-Identifier: Apache-2.0
package dev.thaw.jcmd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class AttachReplyTest {
    @Test
    void writesTheCodeOnALineOfItsOwn() throws IOException {
        assertEquals("0\nwritten\n", written(AttachReply.ok("written\n")));
        assertEquals("1\nrefused", written(AttachReply.failed("refused")));
        assertEquals("101\n", written(new AttachReply(AttachReply.BAD_VERSION, "")));
    }

    @Test
    void readsWhatHotSpotAnswers() throws IOException {
        assertEquals(new AttachReply(0, "a\nb\n"), AttachReply.parse("0\na\nb\n".getBytes(StandardCharsets.UTF_8)));
        assertEquals(new AttachReply(101, ""), AttachReply.parse("101\n".getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void noticesAnAnswerWithoutACode() {
        assertThrows(IOException.class, () -> AttachReply.parse(new byte[0]));
        assertThrows(IOException.class, () -> AttachReply.parse("ok\n".getBytes(StandardCharsets.UTF_8)));
    }

    private static String written(AttachReply reply) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        reply.writeTo(Channels.newChannel(bytes));
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
