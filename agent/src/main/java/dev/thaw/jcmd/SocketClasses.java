// SPDX-License-Identifier: Apache-2.0
package dev.thaw.jcmd;

/**
 * Loads what takes the endpoint longest, 25 ms of its 35: the JDK's UNIX domain sockets, which want a SecureRandom and
 * so the security providers. Beside the rest of the agent's start it costs the application nothing where there is a
 * second processor, and jcmd finds the endpoint the earlier.
 */
public final class SocketClasses implements Runnable {
    private SocketClasses() {}

    public static void startLoading() {
        Thread thread = new Thread(null, new SocketClasses(), "thaw-classes", 0, false);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void run() {
        try {
            Class.forName("sun.nio.ch.UnixDomainSockets", true, null);
        } catch (ClassNotFoundException | LinkageError e) {
            // the endpoint will meet it again, and say so
        }
    }
}
