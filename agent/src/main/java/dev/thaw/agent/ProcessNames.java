// SPDX-License-Identifier: Apache-2.0
package dev.thaw.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The names in /tmp that a JVM has by its process id, HotSpot's and ours. They hold for one process: ask
 * {@link #ofThisProcess} again after a restore.
 *
 * @param pid of this process, as its own pid namespace sees it
 * @param listener where every client of the attach protocol connects
 * @param own what this agent's socket is bound to; {@code listener} is a hard link to it
 * @param hotspot a hard link to HotSpot's socket, once there is one
 * @param staging for a moment, what is going to replace {@code listener}
 * @param trigger a SIGQUIT that finds this file starts HotSpot's listener
 */
public record ProcessNames(String pid, Path listener, Path own, Path hotspot, Path staging, Path trigger) {
    /** HotSpot and its clients use /tmp whatever java.io.tmpdir says (os::get_temp_directory). */
    private static final String SOCKET = "/tmp/.java_pid";
    private static final String TRIGGER = ".attach_pid";

    /** /proc/self is followed anew each time: what the JDK says it has remembered. */
    public static ProcessNames ofThisProcess() throws IOException {
        return of(Files.readSymbolicLink(Path.of("/proc/self")).toString());
    }

    /** No string concatenation with +: the first one of a JVM costs an application's start 10 ms. */
    static ProcessNames of(String pid) {
        String name = SOCKET.concat(pid);
        return new ProcessNames(pid, Path.of(name), Path.of(name.concat(".thaw")), Path.of(name.concat(".hs")),
                Path.of(name.concat(".new")), Path.of("/tmp/".concat(TRIGGER).concat(pid)));
    }

    public long pidNumber() {
        return Long.parseLong(pid);
    }

    /** A client that may write there leaves its trigger here. */
    public Path triggerInWorkingDirectory() {
        return Path.of(TRIGGER.concat(pid));
    }

    public List<Path> sockets() {
        return List.of(listener, own, hotspot, staging);
    }

    /** The counters that jps reads; HotSpot names the folder by the effective user. */
    public Path performanceData() throws IOException {
        return Path.of("/tmp", "hsperfdata_" + Files.getOwner(Path.of("/proc/self")).getName(), pid);
    }
}
