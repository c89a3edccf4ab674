// SPDX-License-Identifier: Apache-2.0
package dev.thaw.checkpoint;

import dev.thaw.core.CoreException;
import java.util.function.Supplier;

/** The engine, opened by the first who needs it; when that fails, the next one tries again. */
final class EngineOnce {
    private final Supplier<Engine> opener;
    private Engine engine;

    EngineOnce(Supplier<Engine> opener) {
        this.opener = opener;
    }

    /** @return null when nobody needed it so far */
    synchronized Engine ifOpen() {
        return engine;
    }

    /** @throws CoreException if this JVM or machine cannot be checkpointed */
    synchronized Engine get() {
        if (engine == null) {
            engine = Thread.currentThread().isVirtual() ? openOnPlatformThread() : opener.get();
        }
        return engine;
    }

    /** A virtual thread has no HotSpot thread of its own to look at. */
    private Engine openOnPlatformThread() {
        Opening opening = new Opening(opener);
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
        private final Supplier<Engine> opener;
        private Engine opened;
        private Throwable failure;

        Opening(Supplier<Engine> opener) {
            this.opener = opener;
        }

        @Override
        public void run() {
            try {
                opened = opener.get();
            } catch (RuntimeException | Error e) {
                failure = e;
            }
        }
    }
}
