// SPDX-License-Identifier: Apache-2.0
package dev.thaw.checkpoint;

import dev.thaw.agent.Agent;
import dev.thaw.agent.AgentOptions;
import dev.thaw.agent.Management;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import jdk.crac.CheckpointException;
import jdk.crac.RestoreException;
import jdk.crac.impl.CheckpointEngine;

/** The way to the checkpoints of this JVM. Made while the application starts, it loads the rest when it is asked. */
public final class Checkpoints implements CheckpointEngine {
    private final Agent agent;
    private final long startMillis = System.currentTimeMillis();
    private CheckpointService service;
    private boolean managementDefined;

    private Checkpoints(Agent agent) {
        this.agent = agent;
    }

    public static Checkpoints install(Agent agent) {
        Checkpoints checkpoints = new Checkpoints(agent);
        CheckpointEngine.Installed.install(checkpoints);
        return checkpoints;
    }

    /** For applications; waits for a checkpoint that is under way. */
    @Override
    public void checkpointRestore() throws CheckpointException, RestoreException {
        service().forApplication();
    }

    @Override
    public synchronized void defineManagement() {
        if (!managementDefined) {
            Management.defineRest(agent);
            managementDefined = true;
        }
    }

    @Override
    public long restoreMillis() {
        return service().history().restoreMillis();
    }

    @Override
    public long millisSinceRestore() {
        return service().history().millisSinceRestore();
    }

    /**
     * For jcmd.
     *
     * @param client is answered by the engine before the process ends, and closed in the restored one
     */
    public CheckpointResult onRequest(AgentOptions requested, SocketChannel client)
            throws CheckpointException, CheckpointBusyException {
        return service().onRequest(requested, client);
    }

    /** Those of the agent, changed by the last restore's -Dthaw.key=value. */
    public AgentOptions options() {
        return service().options();
    }

    /** Lines "key: value". */
    public String status() throws IOException {
        return service().status();
    }

    public void signalSelf(int signal) throws IOException {
        service().signalSelf(signal);
    }

    private synchronized CheckpointService service() {
        if (service == null) {
            service = CheckpointService.of(agent, startMillis);
        }
        return service;
    }
}
