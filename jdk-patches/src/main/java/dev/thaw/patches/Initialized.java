// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import dev.thaw.core.CoreException;
import dev.thaw.core.JdkAccess;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/** Whether a class is initialized, without initializing it: jdk.internal.misc.Unsafe.shouldBeInitialized. */
final class Initialized {
    private final MethodHandle shouldBeInitialized;

    Initialized() {
        MethodHandles.Lookup lookup = JdkAccess.lookup();
        try {
            Class<?> unsafe = lookup.findClass("jdk.internal.misc.Unsafe");
            Object instance = lookup.findStatic(unsafe, "getUnsafe", MethodType.methodType(unsafe)).invoke();
            shouldBeInitialized = lookup.findVirtual(unsafe, "shouldBeInitialized",
                    MethodType.methodType(boolean.class, Class.class)).bindTo(instance);
        } catch (Throwable e) {
            throw new CoreException("jdk.internal.misc.Unsafe is not as in JDK 22-25: " + e, e);
        }
    }

    boolean is(Class<?> type) {
        try {
            return !(boolean) shouldBeInitialized.invokeExact(type);
        } catch (Throwable e) {
            throw new AssertionError("shouldBeInitialized throws nothing", e);
        }
    }
}
