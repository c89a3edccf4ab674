// SPDX-License-Identifier: Apache-2.0
package dev.thaw.jcmd;

import dev.thaw.agent.ProcessNames;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;

/** Who stands at which of the {@link ProcessNames}. */
final class EndpointSockets {
    private static final int WAITING_CLIENTS = 50;

    private ServerSocketChannel server;
    private boolean closed;

    /** A socket at {@code own}, which nobody connects to by that name. */
    synchronized void bind(ServerSocketChannel unbound) throws IOException {
        refuseWhenClosed();
        ProcessNames names = ProcessNames.ofThisProcess();
        Files.deleteIfExists(names.own()); // of a process killed under this pid
        Files.deleteIfExists(names.hotspot());
        unbound.bind(UnixDomainSocketAddress.of(names.own()), WAITING_CLIENTS);
        server = unbound;
        Files.setPosixFilePermissions(names.own(),
                EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE));
    }

    /** Ours becomes the one that clients meet; HotSpot's, when it was that, remains reachable. */
    synchronized void takeListenersPlace() throws IOException {
        refuseWhenClosed();
        ProcessNames names = ProcessNames.ofThisProcess();
        if (isHotSpots(names)) {
            Files.deleteIfExists(names.hotspot());
            Files.createLink(names.hotspot(), names.listener());
        }
        Files.deleteIfExists(names.staging());
        Files.createLink(names.staging(), names.own());
        Files.move(names.staging(), names.listener(), StandardCopyOption.ATOMIC_MOVE);
        Files.deleteIfExists(names.staging()); // rename(2) leaves it when both are links to one file
    }

    /** Nobody is met any more until HotSpot or we come back; makes HotSpot start its listener anew. */
    synchronized void leaveListenersPlace() throws IOException {
        refuseWhenClosed();
        Files.deleteIfExists(ProcessNames.ofThisProcess().listener());
    }

    /** Whether clients meet HotSpot's listener. */
    static boolean isHotSpots(ProcessNames names) throws IOException {
        try {
            return Files.exists(names.listener()) && !Files.isSameFile(names.listener(), names.own());
        } catch (NoSuchFileException e) {
            return false; // one went away between the two questions
        }
    }

    /**
     * At the end of the process. No socket of ours appears any more, and none is waited at: for a thread that is in a
     * system call then, HotSpot delays the end by 300 ms (VM_Exit::wait_for_threads_in_native_to_block).
     *
     * @return whether there was a socket
     */
    boolean close() {
        synchronized (this) {
            closed = true;
            if (server == null) {
                return false;
            }
            try {
                for (Path socket : ProcessNames.ofThisProcess().sockets()) {
                    Files.deleteIfExists(socket);
                }
            } catch (IOException e) {
                // nobody is left to tell, and a name without a listener only misleads jcmd
            }
        }
        try {
            server.close();
        } catch (IOException e) {
            // the process ends
        }
        return true;
    }

    synchronized boolean isClosed() {
        return closed;
    }

    private void refuseWhenClosed() throws IOException {
        if (closed) {
            throw new IOException("the JVM is shutting down");
        }
    }
}
