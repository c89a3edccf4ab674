// SPDX-License-Identifier: Apache-2.0
package javax.crac;

/** {@link jdk.crac.Core} by its older name: the same checkpoints, and one order of resources for both packages. */
public class Core {
    private static final Context<Resource> GLOBAL_CONTEXT = new SharedContext();

    private Core() {}

    public static Context<Resource> getGlobalContext() {
        return GLOBAL_CONTEXT;
    }

    /**
     * @throws CheckpointException no snapshot was written; the reasons are its suppressed exceptions
     * @throws UnsupportedOperationException this JVM or machine cannot be checkpointed, and nobody was notified
     * @throws RestoreException the process was restored, but resources failed; their exceptions are its suppressed ones
     */
    public static void checkpointRestore() throws CheckpointException, RestoreException {
        try {
            jdk.crac.Core.checkpointRestore();
        } catch (jdk.crac.CheckpointException e) {
            throw translated(e);
        } catch (jdk.crac.RestoreException e) {
            throw translated(e);
        }
    }

    /** An exception of one package as that of the other, with the same reasons. */
    static CheckpointException translated(jdk.crac.CheckpointException thrown) {
        return withReasons(new CheckpointException(thrown.getMessage()), thrown);
    }

    static RestoreException translated(jdk.crac.RestoreException thrown) {
        return withReasons(new RestoreException(thrown.getMessage()), thrown);
    }

    /** Of a nested context. What has no reasons is one itself. */
    static Exception translatedBack(Exception thrown) {
        if (thrown.getSuppressed().length == 0) {
            return thrown;
        }
        if (thrown instanceof CheckpointException) {
            return withReasons(new jdk.crac.CheckpointException(thrown.getMessage()), thrown);
        }
        if (thrown instanceof RestoreException) {
            return withReasons(new jdk.crac.RestoreException(thrown.getMessage()), thrown);
        }
        return thrown;
    }

    private static <E extends Exception> E withReasons(E translated, Exception thrown) {
        for (Throwable reason : thrown.getSuppressed()) {
            translated.addSuppressed(reason);
        }
        return translated;
    }
}
