// SPDX-License-Identifier: Apache-2.0
package javax.crac;

/**
 * {@link jdk.crac.Context} by its older name.
 *
 * @param <R> what can be registered
 */
public abstract class Context<R extends Resource> implements Resource {
    protected Context() {}

    @Override
    public abstract void beforeCheckpoint(Context<? extends Resource> context) throws CheckpointException;

    @Override
    public abstract void afterRestore(Context<? extends Resource> context) throws RestoreException;

    /**
     * @throws NullPointerException for null
     */
    public abstract void register(R resource);
}
