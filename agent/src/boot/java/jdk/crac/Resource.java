// SPDX-License-Identifier: Apache-2.0
package jdk.crac;

/**
 * Something that has to prepare for a checkpoint and to recover after a restore. The context it is registered with
 * holds it weakly: keep a reference of your own.
 */
public interface Resource {
    /**
     * Called before the snapshot is written.
     *
     * @param context the context that calls
     * @throws Exception to refuse: no snapshot is written, and {@link #afterRestore} follows at once
     */
    void beforeCheckpoint(Context<? extends Resource> context) throws Exception;

    /**
     * Called in the restored process, and also in this one when it runs on after the checkpoint.
     *
     * @param context the context that calls
     * @throws Exception what could not be recovered; the other resources are still called
     */
    void afterRestore(Context<? extends Resource> context) throws Exception;
}
