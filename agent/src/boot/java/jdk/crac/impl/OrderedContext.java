// SPDX-License-Identifier: Apache-2.0
package jdk.crac.impl;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import jdk.crac.CheckpointException;
import jdk.crac.Context;
import jdk.crac.Resource;
import jdk.crac.RestoreException;

/**
 * Calls its resources in the reverse order of registration before a checkpoint and in the order of registration
 * after a restore. Every resource gets both calls, whatever the others or it itself threw.
 *
 * <p>Resources are held weakly, between the two calls strongly, and told apart by identity: those of org.crac are
 * proxies that forward {@code equals} and {@code hashCode} to the user's object. Who registers while a checkpoint is
 * under way is called at the next one. No lambdas here: this may be loaded while an application starts.
 */
public class OrderedContext<R extends Resource> extends Context<R> {
    private final Set<IdentityReference<R>> registered = new LinkedHashSet<>();
    private final ReferenceQueue<R> collected = new ReferenceQueue<>();
    /** Those called before the checkpoint, first called first. Touched only by the thread that checkpoints. */
    private List<R> called = List.of();

    /** A resource registered again moves to the end. */
    @Override
    public void register(R resource) {
        Objects.requireNonNull(resource);
        synchronized (registered) {
            forgetCollected();
            IdentityReference<R> reference = new IdentityReference<>(resource, collected);
            registered.remove(reference);
            registered.add(reference);
        }
    }

    @Override
    public void beforeCheckpoint(Context<? extends Resource> context) throws CheckpointException {
        CheckpointException failure = new CheckpointException();
        List<R> snapshot = snapshot();
        called = new ArrayList<>();
        for (int i = snapshot.size() - 1; i >= 0; i--) {
            R resource = snapshot.get(i);
            called.add(resource);
            try {
                resource.beforeCheckpoint(this);
            } catch (Exception e) {
                collect(e, failure);
            }
        }
        if (failure.getSuppressed().length > 0) {
            throw failure;
        }
    }

    @Override
    public void afterRestore(Context<? extends Resource> context) throws RestoreException {
        RestoreException failure = new RestoreException();
        List<R> resources = called;
        called = List.of();
        for (int i = resources.size() - 1; i >= 0; i--) {
            try {
                resources.get(i).afterRestore(this);
            } catch (Exception e) {
                collect(e, failure);
            }
        }
        if (failure.getSuppressed().length > 0) {
            throw failure;
        }
    }

    /** What a nested context collected becomes ours; an exception of our class without any would else be lost. */
    private static void collect(Exception thrown, Exception failure) {
        if (thrown instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
        Throwable[] nested = thrown.getClass() == failure.getClass() ? thrown.getSuppressed() : new Throwable[0];
        if (nested.length == 0) {
            failure.addSuppressed(thrown);
        }
        for (Throwable each : nested) {
            failure.addSuppressed(each);
        }
    }

    private List<R> snapshot() {
        List<R> snapshot = new ArrayList<>();
        synchronized (registered) {
            forgetCollected();
            for (IdentityReference<R> reference : registered) {
                R resource = reference.get();
                if (resource != null) {
                    snapshot.add(resource);
                }
            }
        }
        return snapshot;
    }

    /** How many are registered. */
    public int size() {
        synchronized (registered) {
            forgetCollected();
            return registered.size();
        }
    }

    private void forgetCollected() {
        for (Reference<? extends R> gone = collected.poll(); gone != null; gone = collected.poll()) {
            registered.remove(gone);
        }
    }
}
