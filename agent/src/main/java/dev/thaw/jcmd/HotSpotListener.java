// SPDX-License-Identifier: Apache-2.0
package dev.thaw.jcmd;

import dev.thaw.agent.ProcessNames;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/** HotSpot's own end of the attach protocol, started when the first request has to be passed on to it. */
final class HotSpotListener {
    private static final int SIGQUIT = 3;
    private static final long START_LIMIT_NANOS = 10_000_000_000L; // as long as jcmd waits
    private static final long POLL_MILLIS = 2;

    /** Sends a signal to this process. */
    interface SelfSignal {
        void send(int signal) throws IOException;
    }

    private final EndpointSockets sockets;
    private final SelfSignal signal;
    private final ReentrantLock starting = new ReentrantLock();

    HotSpotListener(EndpointSockets sockets, SelfSignal signal) {
        this.sockets = sockets;
        this.signal = signal;
    }

    /** A connection on which the request has been sent. */
    SocketChannel send(AttachRequest request) throws IOException {
        SocketChannel channel = connect();
        try {
            ByteBuffer bytes = ByteBuffer.wrap(request.encode(Runtime.version().feature()));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private SocketChannel connect() throws IOException {
        SocketChannel channel = connectIfThere();
        if (channel != null) {
            return channel;
        }
        starting.lock();
        try {
            channel = connectIfThere();
            if (channel == null) {
                start();
                channel = connectIfThere();
            }
        } finally {
            starting.unlock();
        }
        if (channel == null) {
            throw new IOException("HotSpot's attach listener does not accept connections");
        }
        return channel;
    }

    private static SocketChannel connectIfThere() throws IOException {
        Path hotspot = ProcessNames.ofThisProcess().hotspot();
        if (!Files.exists(hotspot)) {
            return null;
        }
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(hotspot));
            return channel;
        } catch (ConnectException e) {
            channel.close(); // the name of a listener that is gone
            return null;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /**
     * As an attaching client does it: leave a trigger, send SIGQUIT, wait for the socket. The name of the listener
     * is given up before, since HotSpot starts anew a listener it had before only when that name is gone; and only
     * after the trigger is there, since a SIGQUIT that finds neither wedges HotSpot's side for ever
     * (AttachListener::check_socket_file).
     */
    private void start() throws IOException {
        refuseWhenQuitIsNotCaught();
        ProcessNames names = ProcessNames.ofThisProcess();
        try {
            createTrigger(names);
            sockets.leaveListenersPlace();
            signal.send(SIGQUIT);
            await(names);
        } finally {
            try {
                sockets.takeListenersPlace();
            } finally {
                Files.deleteIfExists(names.trigger());
            }
        }
    }

    private static void createTrigger(ProcessNames names) throws IOException {
        try {
            Files.createFile(names.trigger());
        } catch (FileAlreadyExistsException e) {
            // a client's: as good as ours
        }
    }

    private static void await(ProcessNames names) throws IOException {
        long end = System.nanoTime() + START_LIMIT_NANOS;
        while (!EndpointSockets.isHotSpots(names)) {
            if (System.nanoTime() > end) {
                throw new IOException("HotSpot's attach listener did not start within 10 s");
            }
            try {
                Thread.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while HotSpot's attach listener started", e);
            }
        }
    }

    /** With -Xrs the signal would end the process. HotSpot then starts its listener at once by itself. */
    private static void refuseWhenQuitIsNotCaught() throws IOException {
        List<String> status = Files.readAllLines(Path.of("/proc/self/status"));
        for (String line : status) {
            if (line.startsWith("SigCgt:")) {
                long caught = Long.parseUnsignedLong(line.substring("SigCgt:".length()).strip(), 16);
                if ((caught & (1L << (SIGQUIT - 1))) == 0) {
                    throw new IOException("HotSpot does not listen, and does not catch SIGQUIT to be asked to");
                }
                return;
            }
        }
        throw new IOException("/proc/self/status has no line SigCgt");
    }
}
