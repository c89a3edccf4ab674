// SPDX-License-Identifier: Apache-2.0
package jdk.crac.impl;

import jdk.crac.CheckpointException;
import jdk.crac.Context;
import jdk.crac.Resource;
import jdk.crac.RestoreException;

/**
 * An {@link OrderedContext} that makes who registers during a checkpoint wait until the resources are told to recover.
 * The thread that checkpoints does not wait for itself: what its callbacks register is called the next time.
 */
public final class BlockingOrderedContext<R extends Resource> extends OrderedContext<R> {
    private final Object lock = new Object();
    /** The thread between the two calls; null: no checkpoint is in progress. */
    private Thread checkpointing;

    /** @throws RuntimeException if the thread is interrupted while it waits, or was before */
    @Override
    public void register(R resource) {
        synchronized (lock) {
            while (checkpointing != null && checkpointing != Thread.currentThread()) {
                waitWhileCheckpointIsInProgress(resource);
            }
        }
        super.register(resource);
    }

    @Override
    public void beforeCheckpoint(Context<? extends Resource> context) throws CheckpointException {
        synchronized (lock) {
            checkpointing = Thread.currentThread();
        }
        super.beforeCheckpoint(context);
    }

    @Override
    public void afterRestore(Context<? extends Resource> context) throws RestoreException {
        synchronized (lock) {
            checkpointing = null;
            lock.notifyAll();
        }
        super.afterRestore(context);
    }

    /** Named for thread dumps: what waits here may hold what a callback waits for. */
    private void waitWhileCheckpointIsInProgress(R resource) {
        try {
            lock.wait();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RuntimeException("Interrupted while trying to register " + resource + " in " + this, e);
        }
    }
}
