// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import dev.thaw.core.JdkAccess;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;

/** All platform threads, as a way to the JDK's objects that they work for: nobody else lists those. */
final class LiveThreads {
    private final MethodHandle getAllThreads;
    private final VarHandle holder;
    private final VarHandle task;

    LiveThreads() throws ReflectiveOperationException {
        MethodHandles.Lookup lookup = JdkAccess.lookup();
        getAllThreads = lookup.findStatic(Thread.class, "getAllThreads", MethodType.methodType(Thread[].class));
        Class<?> fields = lookup.findClass("java.lang.Thread$FieldHolder");
        holder = lookup.findVarHandle(Thread.class, "holder", fields);
        task = lookup.findVarHandle(fields, "task", Runnable.class);
    }

    Thread[] all() {
        try {
            return (Thread[]) getAllThreads.invokeExact();
        } catch (Throwable e) {
            throw new AssertionError("getAllThreads throws nothing", e);
        }
    }

    /** What the thread was made with; null: it has a run method of its own. */
    Runnable task(Thread thread) {
        return (Runnable) task.get((Object) holder.get(thread));
    }
}
