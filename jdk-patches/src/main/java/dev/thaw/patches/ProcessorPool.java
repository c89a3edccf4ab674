// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import java.util.Map;
import java.util.concurrent.ForkJoinPool;
import java.util.function.UnaryOperator;
import net.bytebuddy.jar.asm.ClassVisitor;

/** A pool of the JDK that follows the number of processors, unless a property or somebody else chose another. */
abstract class ProcessorPool implements InstallablePatch {
    private final Launch launch;
    private final String propertyThatFixesIt;
    private final Initialized initialized = new Initialized();
    private Class<?> owner;
    private int processorsBefore;

    ProcessorPool(Launch launch, String propertyThatFixesIt) {
        this.launch = launch;
        this.propertyThatFixesIt = propertyThatFixesIt;
    }

    /** @return the class that makes the pool when it is initialized */
    abstract Class<?> find() throws ReflectiveOperationException;

    /** Of a class that is initialized. */
    abstract ForkJoinPool pool();

    abstract int parallelism(int processors);

    @Override
    public final Map<Class<?>, UnaryOperator<ClassVisitor>> changes() throws ReflectiveOperationException {
        owner = find();
        return Map.of();
    }

    @Override
    public final void probe() {
        beforeCheckpoint();
        afterRestore(0, 0);
    }

    @Override
    public final void beforeCheckpoint() {
        processorsBefore = launch.processors();
    }

    @Override
    public final void afterRestore(long oldPid, long newPid) {
        int processors = launch.processors();
        if (processors == processorsBefore || !initialized.is(owner) || System.getProperty(propertyThatFixesIt) != null) {
            return;
        }
        ForkJoinPool pool = pool();
        if (pool.getParallelism() == parallelism(processorsBefore)) {
            pool.setParallelism(parallelism(processors));
        }
    }
}
