// SPDX-License-Identifier: Apache-2.0
package dev.thaw.jcmd;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * One operation of HotSpot's attach protocol (attachListener_posix.cpp). Version 1 is {@code "1" command arg arg arg},
 * each with a NUL at its end; version 2 (JDK 24) is {@code "2" size "command[ options]" arg…}, where size counts the
 * bytes after its own NUL. Texts are kept byte by byte, as ISO 8859-1, and forwarded so.
 */
record AttachRequest(String command, List<String> arguments) {
    static final int VERSION_1_ARGUMENTS = 3;
    private static final int VERSION_1_BYTES = 16 + 1 + VERSION_1_ARGUMENTS * (1024 + 1);
    private static final int VERSION_2_BYTES = 256 * 1024;
    private static final Charset BYTES = StandardCharsets.ISO_8859_1;

    /** The client speaks a version we do not know. */
    static final class BadVersionException extends IOException {
        private static final long serialVersionUID = 1L;

        BadVersionException(String version) {
            super("attach protocol version '" + version + "'");
        }
    }

    AttachRequest {
        arguments = List.copyOf(arguments);
    }

    /** @return null when the client only connected to see whether somebody listens, as JDK 8 to 23 do */
    static AttachRequest read(InputStream in) throws IOException {
        int first = in.read();
        if (first < 0) {
            return null;
        }
        String version = first == 0 ? "" : (char) first + text(in, 16);
        return switch (version) {
            case "1" -> readVersion1(in);
            case "2" -> readVersion2(in);
            default -> throw new BadVersionException(version);
        };
    }

    private static AttachRequest readVersion1(InputStream in) throws IOException {
        String command = text(in, VERSION_1_BYTES);
        List<String> arguments = new ArrayList<>();
        for (int i = 0; i < VERSION_1_ARGUMENTS; i++) {
            arguments.add(text(in, VERSION_1_BYTES));
        }
        return new AttachRequest(command, arguments);
    }

    private static AttachRequest readVersion2(InputStream in) throws IOException {
        String size = text(in, 16);
        int bytes;
        try {
            bytes = Integer.parseInt(size);
        } catch (NumberFormatException e) {
            bytes = -1;
        }
        if (bytes < 1 || bytes > VERSION_2_BYTES) {
            throw new IOException("attach request of size '" + size + "'");
        }
        byte[] payload = in.readNBytes(bytes);
        if (payload.length < bytes || payload[bytes - 1] != 0) {
            throw new EOFException("attach request ends after " + payload.length + " of " + bytes + " bytes");
        }
        List<String> texts = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < bytes; i++) {
            if (payload[i] == 0) {
                texts.add(new String(payload, start, i - start, BYTES));
                start = i + 1;
            }
        }
        String command = texts.getFirst();
        int space = command.indexOf(' '); // options of the transfer follow: we know none that we keep
        return new AttachRequest(space < 0 ? command : command.substring(0, space), texts.subList(1, texts.size()));
    }

    /**
     * As HotSpot of this JDK is to get it. Streaming is off: with it the VM thread writes to the socket inside a
     * safepoint, in which the thread that should read from it, ours, is stopped.
     */
    byte[] encode(int jdk) {
        ByteArrayOutputStream texts = new ByteArrayOutputStream();
        boolean version2 = jdk >= 24;
        append(texts, version2 ? command + " streaming=0" : command);
        int count = version2 ? arguments.size() : VERSION_1_ARGUMENTS;
        for (int i = 0; i < count; i++) {
            append(texts, i < arguments.size() ? arguments.get(i) : "");
        }
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        append(request, version2 ? "2" : "1");
        if (version2) {
            append(request, Integer.toString(texts.size()));
        }
        request.writeBytes(texts.toByteArray());
        return request.toByteArray();
    }

    /** The first argument, where jcmd puts its whole command. */
    String firstArgument() {
        return arguments.isEmpty() ? "" : arguments.getFirst();
    }

    /** A text of the request as its sender meant it. */
    static String decoded(String text) {
        return new String(text.getBytes(BYTES), Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8")));
    }

    private static void append(ByteArrayOutputStream out, String text) {
        out.writeBytes(text.getBytes(BYTES));
        out.write(0);
    }

    private static String text(InputStream in, int limit) throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        for (int next = in.read(); next != 0; next = in.read()) {
            if (next < 0) {
                throw new EOFException("attach request ends in the middle of a text");
            }
            if (text.size() == limit) {
                throw new IOException("attach request has a text longer than " + limit + " bytes");
            }
            text.write(next);
        }
        return text.toString(BYTES);
    }
}
