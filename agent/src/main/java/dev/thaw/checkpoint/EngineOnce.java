// SPDX-License-Identifier: Apache-2.0
package dev.thaw.checkpoint;

import dev.thaw.agent.Agent;
import dev.thaw.core.CoreException;

/** The engine, opened by the first who needs it; when that fails, the next one tries again. */
final class EngineOnce {
    private final Agent agent;
    private NativeEngine engine;

    EngineOnce(Agent agent) {
        this.agent = agent;
    }

    /** @return null when nobody needed it so far */
    synchronized NativeEngine ifOpen() {
        return engine;
    }

    /** @throws CoreException if this JVM or machine cannot be checkpointed */
    synchronized NativeEngine get() {
        if (engine == null) {
            engine = Thread.currentThread().isVirtual() ? openOnPlatformThread() : NativeEngine.open(agent);
        }
        return engine;
    }

    /** A virtual thread has no HotSpot thread of its own to look at. */
    private NativeEngine openOnPlatformThread() {
        Opening opening = new Opening(agent);
        Thread thread = new Thread(null, opening, "thaw-open", 0, false);
        thread.setDaemon(true);
        thread.start();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (opening.failure != null) {
            throw new CoreException(opening.failure.getMessage(), opening.failure);
        }
        return opening.opened;
    }

    private static final class Opening implements Runnable {
        private final Agent agent;
        private NativeEngine opened;
        private RuntimeException failure;

        Opening(Agent agent) {
            this.agent = agent;
        }

        @Override
        public void run() {
            try {
                opened = NativeEngine.open(agent);
            } catch (RuntimeException e) {
                failure = e;
            }
        }
    }
}
