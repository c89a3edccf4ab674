// SPDX-License-Identifier: Apache-2.0
package jdk.crac;

/**
 * A resource that passes the calls on to resources registered with it.
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

    /** The context every checkpoint of this JVM notifies; see {@link jdk.crac.impl.OrderedContext} for its rules. */
    public static Context<Resource> getGlobalContext() {
        return Core.getGlobalContext();
    }
}
