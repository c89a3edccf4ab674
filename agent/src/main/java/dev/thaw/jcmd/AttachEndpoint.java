// SPDX-License-Identifier: Apache-2.0
package dev.thaw.jcmd;

import dev.thaw.agent.Agent;
import dev.thaw.agent.ProcessNames;
import dev.thaw.checkpoint.Checkpoints;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;

/**
 * Stands where jcmd expects HotSpot's attach listener, answers our commands, and passes all others on to HotSpot.
 * The thread starts with the application and must cost it little: no lambdas and no string concatenation before the
 * first client. Names of sockets are asked anew each time, so nothing is to be done here after a restore: the engine
 * has put listening sockets at the names of the new process.
 */
public final class AttachEndpoint implements Runnable {
    /** After the application's shutdown hooks (1) and File.deleteOnExit (2): jcmd helps with hooks that hang. */
    private static final int EXIT_SLOT = 3;
    private static final long HOTSPOT_LIMIT_NANOS = 10_000_000_000L;
    private static final long HOTSPOT_ON_ITS_WAY_NANOS = 2_000_000_000L;
    private static final long POLL_MILLIS = 10;
    private static final long ACCEPTOR_END_MILLIS = 100;
    private static final long OUT_OF_DESCRIPTORS_PAUSE_MILLIS = 100;

    private final Agent agent;
    private final Checkpoints checkpoints;
    private EndpointSockets sockets;

    private AttachEndpoint(Agent agent, Checkpoints checkpoints) {
        this.agent = agent;
        this.checkpoints = checkpoints;
    }

    /** Does nothing itself but start the thread. */
    public static void start(Agent agent, Checkpoints checkpoints) {
        daemon("thaw-attach", new AttachEndpoint(agent, checkpoints)).start();
    }

    static Thread daemon(String name, Runnable task) {
        Thread thread = new Thread(null, task, name, 0, false);
        thread.setDaemon(true);
        return thread;
    }

    /**
     * What takes longest, 25 of 35 ms, is the JDK's UNIX domain socket class: it wants a SecureRandom, and so the
     * security providers. Loaded on a thread beside the rest of the agent's start it is there 30 ms earlier, but
     * delays the application's main by 7 ms on two processors. No lock is held meanwhile: an application that ends
     * must not wait for it.
     */
    @Override
    public void run() {
        sockets = new EndpointSockets(); // on this thread: its class takes a millisecond
        VmArguments arguments = VmArguments.of(agent.internals().vmArguments());
        if (arguments.disablesAttach()) {
            return;
        }
        try {
            agent.internals().atExit(EXIT_SLOT, new Closer(sockets, Thread.currentThread()));
        } catch (IllegalStateException e) {
            return; // the JVM is already ending
        }
        try (ServerSocketChannel server = open()) {
            sockets.bind(server);
            takeListenersPlace(arguments);
            serve(server);
        } catch (IOException | RuntimeException e) {
            if (!sockets.isClosed()) {
                System.err.println("thaw: jcmd will not find JDK.checkpoint: " + e);
            }
        }
    }

    private ServerSocketChannel open() throws IOException {
        return agent.internals().selectorProvider().openServerSocketChannel(StandardProtocolFamily.UNIX);
    }

    private void takeListenersPlace(VmArguments arguments) throws IOException {
        if (arguments.startAttachListener()) {
            awaitHotSpots(false);
        }
        sockets.takeListenersPlace();
        if (isTriggered(ProcessNames.ofThisProcess())) {
            daemon("thaw-attach-late", new LateListener()).start();
        }
    }

    private void serve(ServerSocketChannel server) throws IOException {
        Commands commands = null;
        PeerCheck peers = null;
        while (true) {
            SocketChannel client;
            try {
                client = server.accept();
            } catch (ClosedChannelException e) {
                throw e;
            } catch (IOException e) {
                pause(OUT_OF_DESCRIPTORS_PAUSE_MILLIS);
                continue;
            }
            if (commands == null) {
                commands = new Commands(checkpoints, new HotSpotListener(sockets, checkpoints::signalSelf));
                peers = new PeerCheck();
            }
            if (peers.allows(client)) {
                daemon("thaw-attach-client", new AttachConnection(client, commands)).start();
            } else {
                client.close();
            }
        }
    }

    /** A client that found no socket, before there was ours, is just having HotSpot's made. */
    private static boolean isTriggered(ProcessNames names) {
        return Files.exists(names.triggerInWorkingDirectory()) || Files.exists(names.trigger());
    }

    /**
     * Until HotSpot's socket is in the listener's place.
     *
     * @param onlyWhileTriggered not much longer than a trigger is there: HotSpot may be on its way when its client,
     *                           which found our socket, has already removed it
     */
    private static void awaitHotSpots(boolean onlyWhileTriggered) throws IOException {
        ProcessNames names = ProcessNames.ofThisProcess();
        long end = System.nanoTime() + HOTSPOT_LIMIT_NANOS;
        long lastTriggered = System.nanoTime();
        while (!EndpointSockets.isHotSpots(names) && System.nanoTime() < end) {
            if (onlyWhileTriggered && isTriggered(names)) {
                lastTriggered = System.nanoTime();
            }
            if (onlyWhileTriggered && System.nanoTime() - lastTriggered > HOTSPOT_ON_ITS_WAY_NANOS) {
                return;
            }
            pause(POLL_MILLIS);
        }
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private final class LateListener implements Runnable {
        @Override
        public void run() {
            try {
                awaitHotSpots(true);
                sockets.takeListenersPlace();
            } catch (IOException e) {
                if (!sockets.isClosed()) {
                    System.err.println("thaw: jcmd may not find JDK.checkpoint: " + e);
                }
            }
        }
    }

    private record Closer(EndpointSockets sockets, Thread acceptor) implements Runnable {
        @Override
        public void run() {
            if (!sockets.close()) {
                return;
            }
            try {
                acceptor.join(ACCEPTOR_END_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
