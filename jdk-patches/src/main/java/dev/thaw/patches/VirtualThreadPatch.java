// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import dev.thaw.core.JdkAccess;
import java.lang.invoke.VarHandle;
import java.util.Map;
import java.util.concurrent.ForkJoinPool;
import java.util.function.UnaryOperator;
import net.bytebuddy.jar.asm.ClassVisitor;

/**
 * java.lang.VirtualThread.DEFAULT_SCHEDULER, JDK 22-25 (tested: 25). Without it virtual threads run on as many platform
 * threads as fit the processors of the process that was checkpointed. A number that a property or
 * VirtualThreadSchedulerMXBean set stays.
 */
final class VirtualThreadPatch implements InstallablePatch {
    private static final String FIXED = "jdk.virtualThreadScheduler.parallelism";
    private static final String MOST = "jdk.virtualThreadScheduler.maxPoolSize";

    private final Initialized initialized = new Initialized();
    private Class<?> type;
    private VarHandle scheduler;
    private int processorsBefore;

    @Override
    public String name() {
        return "VirtualThread";
    }

    @Override
    public Map<Class<?>, UnaryOperator<ClassVisitor>> changes() throws ReflectiveOperationException {
        type = JdkAccess.lookup().findClass("java.lang.VirtualThread");
        scheduler = JdkAccess.lookup().findStaticVarHandle(type, "DEFAULT_SCHEDULER", ForkJoinPool.class);
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
        if (processors == processorsBefore || !initialized.is(type) || System.getProperty(FIXED) != null) {
            return;
        }
        ForkJoinPool pool = (ForkJoinPool) scheduler.get();
        if (pool.getParallelism() == parallelism(processorsBefore)) {
            pool.setParallelism(parallelism(processors));
        }
    }

    private static int parallelism(int processors) {
        return Math.min(processors, Integer.getInteger(MOST, processors));
    }
}
