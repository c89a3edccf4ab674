// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.drive;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** One call on one connection, read to its end: RFC 9113 and gRPC over HTTP/2, as little of them as that takes. */
public final class Grpc {
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int SETTINGS = 4;
    private static final int END_STREAM = 1;
    private static final int ACK = 1;
    private static final int END_HEADERS = 4;
    /* Of a message in DATA: a flag and its length. */
    private static final int PREFIX_BYTES = 5;
    /* A field of type string with number 1, which is all that the messages of helloworld.proto have. */
    private static final int TEXT = 10;

    private Grpc() {}

    /** What helloworld.Greeter/SayHello answers. */
    public static String greet(int port, String name) throws IOException {
        try (Socket socket = new Socket()) {
            socket.setTcpNoDelay(true);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            socket.setSoTimeout((int) RunningProcess.DEADLINE.toMillis());
            OutputStream out = socket.getOutputStream();
            ByteArrayOutputStream request = new ByteArrayOutputStream();
            request.write(PREFACE);
            frame(request, SETTINGS, 0, 0, new byte[0]);
            frame(request, HEADERS, END_HEADERS, 1, headers("/helloworld.Greeter/SayHello"));
            frame(request, DATA, END_STREAM, 1, message(name));
            request.writeTo(out);
            String answer = answer(new DataInputStream(socket.getInputStream()), out);
            socket.shutdownOutput();
            socket.getInputStream().transferTo(OutputStream.nullOutputStream());
            return answer;
        }
    }

    private static String answer(DataInputStream in, OutputStream out) throws IOException {
        String answer = "";
        while (true) {
            int lengthAndType = in.readInt();
            int flags = in.readUnsignedByte();
            int stream = in.readInt();
            byte[] payload = in.readNBytes(lengthAndType >>> 8);
            int type = lengthAndType & 0xff;
            if (type == SETTINGS && flags == 0) {
                frame(out, SETTINGS, ACK, 0, new byte[0]);
            } else if (type == DATA && payload.length > PREFIX_BYTES) {
                answer = new String(payload, PREFIX_BYTES + 2, payload.length - PREFIX_BYTES - 2, StandardCharsets.UTF_8);
            }
            if (stream == 1 && (flags & END_STREAM) != 0) {
                if (answer.isEmpty()) {
                    throw new EOFException("an answer without a message");
                }
                return answer;
            }
        }
    }

    private static void frame(OutputStream out, int type, int flags, int stream, byte[] payload) throws IOException {
        out.write(new byte[] {(byte) (payload.length >>> 16), (byte) (payload.length >>> 8), (byte) payload.length,
            (byte) type, (byte) flags, 0, 0, 0, (byte) stream});
        out.write(payload);
        out.flush();
    }

    /** HPACK: two fields of its static table, then literals that are not indexed. */
    private static byte[] headers(String path) throws IOException {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.write(0x83); // :method POST
        block.write(0x86); // :scheme http
        block.write(4); // :path
        text(block, path);
        block.write(1); // :authority
        text(block, "127.0.0.1");
        block.write(0);
        text(block, "content-type");
        text(block, "application/grpc");
        block.write(0);
        text(block, "te");
        text(block, "trailers");
        return block.toByteArray();
    }

    private static byte[] message(String name) throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        text.write(TEXT);
        text(text, name);
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        message.write(new byte[] {0, 0, 0, 0, (byte) text.size()});
        text.writeTo(message);
        return message.toByteArray();
    }

    private static void text(ByteArrayOutputStream to, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        to.write(bytes.length);
        to.write(bytes);
    }
}
