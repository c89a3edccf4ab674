// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import java.util.Map;
import java.util.function.UnaryOperator;
import net.bytebuddy.jar.asm.ClassVisitor;

/** A patch and how it gets in place. */
interface InstallablePatch extends Patch {
    /**
     * The classes whose code changes, and how.
     *
     * @throws ReflectiveOperationException if this JDK has not what the patch needs
     */
    Map<Class<?>, UnaryOperator<ClassVisitor>> changes() throws ReflectiveOperationException;

    /**
     * Does without a visible effect what {@link #afterRestore} does, so that nothing is left to load or link.
     *
     * @throws IllegalStateException if the patch did not take
     */
    void probe() throws ReflectiveOperationException;
}
