// SPDX-License-Identifier: Apache-2.0
package jdk.crac;

import jdk.crac.impl.BlockingOrderedContext;
import jdk.crac.impl.CheckpointEngine;
import jdk.crac.impl.OrderedContext;

/** The entry point for applications. */
public class Core {
    private static final Context<Resource> GLOBAL_CONTEXT = createGlobalContext();

    private Core() {}

    /** With CRaC's property of this name; any other value means the default there, too. */
    private static Context<Resource> createGlobalContext() {
        return "BlockingOrderedContext".equals(System.getProperty("jdk.crac.globalContext.impl"))
                ? new BlockingOrderedContext<>() : new OrderedContext<>();
    }

    public static Context<Resource> getGlobalContext() {
        return GLOBAL_CONTEXT;
    }

    /**
     * Writes a snapshot and returns in the process restored from it, or in this one when it was told to run on.
     *
     * @throws CheckpointException no snapshot was written; the reasons are its suppressed exceptions
     * @throws UnsupportedOperationException this JVM or machine cannot be checkpointed, and nobody was notified
     * @throws RestoreException the process was restored, but resources failed; their exceptions are its suppressed ones
     */
    public static void checkpointRestore() throws CheckpointException, RestoreException {
        CheckpointEngine engine = CheckpointEngine.Installed.engine();
        if (engine == null) {
            CheckpointException exception = new CheckpointException();
            exception.addSuppressed(new RuntimeException("C/R is not configured"));
            throw exception;
        }
        engine.checkpointRestore();
    }
}
