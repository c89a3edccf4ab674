// SPDX-License-Identifier: Apache-2.0
package dev.thaw.jcmd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/**
 * What the server of the attach protocol answers: {@code <code>\n<text>}, then it closes. jcmd prints the text, or,
 * when the code is not 0, throws it and exits with 1.
 *
 * @param text byte by byte, as ISO 8859-1
 */
record AttachReply(int code, String text) {
    static final int OK = 0;
    static final int FAILED = 1;
    static final int BAD_VERSION = 101; // ATTACH_ERROR_BADVERSION

    private static final Charset BYTES = StandardCharsets.ISO_8859_1;

    static AttachReply ok(String text) {
        return new AttachReply(OK, encoded(text));
    }

    static AttachReply failed(String text) {
        return new AttachReply(FAILED, encoded(text));
    }

    /** @throws IOException when it has no code: the server went away */
    static AttachReply parse(byte[] reply) throws IOException {
        String whole = new String(reply, BYTES);
        int end = whole.indexOf('\n');
        try {
            return new AttachReply(Integer.parseInt(whole.substring(0, Math.max(end, 0))), whole.substring(end + 1));
        } catch (NumberFormatException e) {
            throw new IOException("HotSpot's attach listener answered without a code", e);
        }
    }

    void writeTo(WritableByteChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap((code + "\n" + text).getBytes(BYTES));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static String encoded(String text) {
        return new String(text.getBytes(Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"))), BYTES);
    }
}
