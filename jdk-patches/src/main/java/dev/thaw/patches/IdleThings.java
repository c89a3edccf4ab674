// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import java.util.Map;
import java.util.function.UnaryOperator;
import net.bytebuddy.jar.asm.ClassVisitor;

/**
 * What the JDK has open or queued and nobody uses any more: done with before a checkpoint. It is found by the threads
 * that work for it; a restored process has nothing to do.
 */
abstract class IdleThings implements InstallablePatch {
    private LiveThreads threads;

    final LiveThreads threads() {
        return threads;
    }

    @Override
    public Map<Class<?>, UnaryOperator<ClassVisitor>> changes() throws ReflectiveOperationException {
        threads = new LiveThreads();
        return Map.of();
    }

    @Override
    public final void probe() {
        // beforeCheckpoint follows in the same process
    }

    @Override
    public abstract void beforeCheckpoint();

    @Override
    public final void afterRestore(long oldPid, long newPid) {
        // nothing is kept
    }
}
