// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.Completed;
import dev.thaw.apps.drive.Http;
import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.JvmUnderTest;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A JVM with the JDWP agent is checkpointed while no debugger is attached, and can be debugged after a restore. */
class DebuggerTest {
    private static final String LISTENING = "Listening for transport dt_socket at address: ([0-9]+)";

    private final SnapshotDirectory snapshots = SnapshotDirectory.create();

    @AfterEach
    void delete() {
        snapshots.close();
    }

    @Test
    void aDebuggerAttachesToEachRestoredProcess() throws IOException {
        int port = Http.freePort();
        checkpointed("127.0.0.1:" + port);
        for (int clone = 0; clone < 2; clone++) {
            try (RunningProcess restored = ThawCommand.restore(snapshots.path());
                    Debugger debugger = new Debugger(port)) {
                assertTrue(debugger.version().contains(System.getProperty("java.version")));
                assertTrue(debugger.threads() > 0);
                debugger.dispose();
                restored.send("ping");
                restored.awaitLine("pong");
            }
        }
    }

    @Test
    void aPortThatTheKernelChoseIsKept() throws IOException {
        int port = checkpointed("0");
        try (RunningProcess restored = ThawCommand.restore(snapshots.path());
                Debugger debugger = new Debugger(port)) {
            assertTrue(debugger.threads() > 0);
            debugger.dispose();
            restored.awaitLine(LISTENING);
        }
    }

    private int checkpointed(String address) {
        try (RunningProcess app = start(address)) {
            int port = Integer.parseInt(app.awaitLine(LISTENING).group(1));
            app.awaitLine("ready");
            Jcmd.ofThisJdk().checkpoint(app);
            app.mustExit(ThawCommand.CHECKPOINTED);
            return port;
        }
    }

    @Test
    void anAttachedDebuggerIsRefusedByNameAndGoesOn() throws IOException {
        int port = Http.freePort();
        try (RunningProcess app = start("127.0.0.1:" + port)) {
            app.awaitLine(LISTENING);
            app.awaitLine("ready");
            try (Debugger debugger = new Debugger(port)) {
                debugger.version();
                Completed refused = Jcmd.ofThisJdk().run(app.pid(), "JDK.checkpoint");
                assertEquals(1, refused.status(), refused.output());
                assertTrue(refused.output().contains("127.0.0.1:" + port + " -> "), refused.output());
                assertTrue(refused.output().contains("detach the debugger"), refused.output());
                assertTrue(debugger.threads() > 0);
                debugger.dispose();
            }
            app.awaitLine(LISTENING);
            Jcmd.ofThisJdk().checkpoint(app);
            app.mustExit(ThawCommand.CHECKPOINTED);
        }
        try (RunningProcess restored = ThawCommand.restore(snapshots.path());
                Debugger debugger = new Debugger(port)) {
            assertTrue(debugger.threads() > 0);
            restored.kill();
        }
    }

    private RunningProcess start(String address) {
        return JvmUnderTest.withAgent(snapshots.path())
                .options("-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=" + address).start("OpenThings");
    }

    /** The other end of JDWP: a packet is length, id, flags, command set and command (or error), data. */
    private static final class Debugger implements AutoCloseable {
        private static final byte[] HANDSHAKE = "JDWP-Handshake".getBytes(StandardCharsets.US_ASCII);
        private static final int HEADER_BYTES = 11;
        private static final int REPLY = 0x80;

        private final Socket socket;
        private final DataInputStream in;
        private final DataOutputStream out;
        private int packets;

        Debugger(int port) throws IOException {
            socket = connect(port);
            socket.setSoTimeout((int) RunningProcess.DEADLINE.toMillis());
            in = new DataInputStream(socket.getInputStream());
            out = new DataOutputStream(socket.getOutputStream());
            out.write(HANDSHAKE);
            assertEquals(new String(HANDSHAKE, StandardCharsets.US_ASCII),
                    new String(in.readNBytes(HANDSHAKE.length), StandardCharsets.US_ASCII));
        }

        /** The restored process may not listen yet. */
        private static Socket connect(int port) throws IOException {
            long end = System.nanoTime() + RunningProcess.DEADLINE.toNanos();
            while (true) {
                try {
                    return new Socket("127.0.0.1", port);
                } catch (IOException e) {
                    if (System.nanoTime() > end) {
                        throw e;
                    }
                    Thread.onSpinWait();
                }
            }
        }

        String version() throws IOException {
            return new String(command(1, 1), StandardCharsets.UTF_8);
        }

        int threads() throws IOException {
            byte[] reply = command(1, 4);
            return (reply[0] & 0xff) << 24 | (reply[1] & 0xff) << 16 | (reply[2] & 0xff) << 8 | reply[3] & 0xff;
        }

        void dispose() throws IOException {
            command(1, 6);
        }

        private byte[] command(int set, int command) throws IOException {
            int id = ++packets;
            out.writeInt(HEADER_BYTES);
            out.writeInt(id);
            out.write(new byte[] {0, (byte) set, (byte) command});
            while (true) {
                int length = in.readInt();
                int replyTo = in.readInt();
                int flags = in.readUnsignedByte();
                int error = in.readUnsignedShort();
                byte[] data = in.readNBytes(length - HEADER_BYTES);
                if (flags == REPLY && replyTo == id) {
                    assertEquals(0, error);
                    return data;
                }
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
