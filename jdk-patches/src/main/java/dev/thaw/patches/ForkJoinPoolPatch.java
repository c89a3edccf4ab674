// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import dev.thaw.core.JdkAccess;
import java.lang.invoke.VarHandle;
import java.util.Map;
import java.util.concurrent.ForkJoinPool;
import java.util.function.UnaryOperator;
import net.bytebuddy.jar.asm.ClassVisitor;

/**
 * java.util.concurrent.ForkJoinPool.common, JDK 22-25 (tested: 25). Without it the common pool, and with it parallel
 * streams, keeps the parallelism that fits the processors of the process that was checkpointed. One that a property or
 * the application set stays.
 */
final class ForkJoinPoolPatch implements InstallablePatch {
    private static final String FIXED = "java.util.concurrent.ForkJoinPool.common.parallelism";

    private final Initialized initialized = new Initialized();
    private VarHandle common;
    private int processorsBefore;

    @Override
    public String name() {
        return "ForkJoinPool";
    }

    @Override
    public Map<Class<?>, UnaryOperator<ClassVisitor>> changes() throws ReflectiveOperationException {
        common = JdkAccess.lookup().findStaticVarHandle(ForkJoinPool.class, "common", ForkJoinPool.class);
        return Map.of();
    }

    @Override
    public void probe() {
        beforeCheckpoint();
        afterRestore(0, 0);
    }

    @Override
    public void beforeCheckpoint() {
        processorsBefore = Runtime.getRuntime().availableProcessors();
    }

    @Override
    public void afterRestore(long oldPid, long newPid) {
        int processors = Runtime.getRuntime().availableProcessors();
        if (processors == processorsBefore || !initialized.is(ForkJoinPool.class) || System.getProperty(FIXED) != null) {
            return;
        }
        ForkJoinPool pool = (ForkJoinPool) common.get();
        if (pool.getParallelism() == parallelism(processorsBefore)) {
            pool.setParallelism(parallelism(processors));
        }
    }

    private static int parallelism(int processors) {
        return Math.max(1, processors - 1);
    }
}
