// SPDX-License-Identifier: Apache-2.0
package dev.thaw.agent;

import java.nio.channels.spi.SelectorProvider;

/**
 * The calls into the JDK's own packages that are needed while an application starts. They are linked, not
 * reflected: the first reflective call of {@code Unsafe.defineClass} makes the JVM generate 30 ms of method handle
 * classes (Temurin 25). {@link JdkInternalsLoader} has the implementation.
 */
public interface JdkInternals {
    /** {@code jdk.internal.misc.Unsafe.defineClass}: on the boot loader, which other ways cannot reach silently. */
    Class<?> defineOnBootLoader(byte[] classFile);

    /**
     * {@code jdk.internal.access.JavaLangAccess.registerShutdownHook}: slots are run in order, 1 holds those of the
     * application, 2 File.deleteOnExit.
     *
     * @throws IllegalStateException when the JVM is already past this slot
     */
    void atExit(int slot, Runnable hook);

    /**
     * {@code sun.nio.ch.DefaultSelectorProvider.get}: SelectorProvider.provider() would search the application's class
     * path for another.
     */
    SelectorProvider selectorProvider();

    /**
     * {@code jdk.internal.module.ServicesCatalog.addProvider}, of the boot loader: ServiceLoader finds the class for
     * its superclass as if its module declared it.
     */
    void provide(Class<?> implementation);

    /**
     * {@code jdk.internal.misc.VM.getRuntimeArguments}: of the command line, the environment and option files;
     * null where there are none.
     */
    String[] vmArguments();
}
