// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import dev.thaw.core.JdkAccess;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ForkJoinPool;

/**
 * java.lang.VirtualThread.DEFAULT_SCHEDULER, JDK 22-25 (tested: 25). Without it virtual threads run on as many platform
 * threads as fit the processors of the process that was checkpointed. A number that a property or
 * VirtualThreadSchedulerMXBean set stays.
 */
final class VirtualThreadPatch extends ProcessorPool {
    private static final String MOST = "jdk.virtualThreadScheduler.maxPoolSize";

    private VarHandle scheduler;

    VirtualThreadPatch(Launch launch) {
        super(launch, "jdk.virtualThreadScheduler.parallelism");
    }

    @Override
    public String name() {
        return "VirtualThread";
    }

    @Override
    Class<?> find() throws ReflectiveOperationException {
        Class<?> type = JdkAccess.lookup().findClass("java.lang.VirtualThread");
        scheduler = JdkAccess.lookup().findStaticVarHandle(type, "DEFAULT_SCHEDULER", ForkJoinPool.class);
        return type;
    }

    @Override
    ForkJoinPool pool() {
        return (ForkJoinPool) scheduler.get();
    }

    @Override
    int parallelism(int processors) {
        return Math.min(processors, Integer.getInteger(MOST, processors));
    }
}
