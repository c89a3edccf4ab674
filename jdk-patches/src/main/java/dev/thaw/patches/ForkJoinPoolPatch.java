// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import dev.thaw.core.JdkAccess;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ForkJoinPool;

/**
 * java.util.concurrent.ForkJoinPool.common, JDK 22-25 (tested: 25). Without it the common pool, and with it parallel
 * streams, keeps the parallelism that fits the processors of the process that was checkpointed. One that a property or
 * the application set stays.
 */
final class ForkJoinPoolPatch extends ProcessorPool {
    private VarHandle common;

    ForkJoinPoolPatch(Launch launch) {
        super(launch, "java.util.concurrent.ForkJoinPool.common.parallelism");
    }

    @Override
    public String name() {
        return "ForkJoinPool";
    }

    @Override
    Class<?> find() throws ReflectiveOperationException {
        common = JdkAccess.lookup().findStaticVarHandle(ForkJoinPool.class, "common", ForkJoinPool.class);
        return ForkJoinPool.class;
    }

    @Override
    ForkJoinPool pool() {
        return (ForkJoinPool) common.get();
    }

    @Override
    int parallelism(int processors) {
        return Math.max(1, processors - 1);
    }
}
