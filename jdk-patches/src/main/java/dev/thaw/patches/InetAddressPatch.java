// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import dev.thaw.core.JdkAccess;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.net.InetAddress;
import java.util.Map;
import java.util.NavigableSet;
import java.util.concurrent.ConcurrentMap;
import java.util.function.UnaryOperator;
import net.bytebuddy.jar.asm.ClassVisitor;

/**
 * java.net.InetAddress, JDK 22-25 (tested: 25): cache, expirySet, cachedLocalHost. Without it a name that was looked up
 * before the checkpoint keeps its address for the rest of its time to live, on another network too.
 */
final class InetAddressPatch implements InstallablePatch {
    private final Initialized initialized = new Initialized();
    private VarHandle cache;
    private VarHandle expirySet;
    private MethodHandle forgetLocalHost;

    @Override
    public String name() {
        return "InetAddress";
    }

    @Override
    public Map<Class<?>, UnaryOperator<ClassVisitor>> changes() throws ReflectiveOperationException {
        MethodHandles.Lookup lookup = JdkAccess.lookup();
        cache = lookup.findStaticVarHandle(InetAddress.class, "cache", ConcurrentMap.class);
        expirySet = lookup.findStaticVarHandle(InetAddress.class, "expirySet", NavigableSet.class);
        Class<?> localHost = lookup.findClass("java.net.InetAddress$CachedLocalHost");
        forgetLocalHost = MethodHandles.insertArguments(lookup
                .findStaticSetter(InetAddress.class, "cachedLocalHost", localHost)
                .asType(MethodType.methodType(void.class, Object.class)), 0, (Object) null);
        return Map.of();
    }

    @Override
    public void probe() {
        afterRestore(0, 0);
    }

    @Override
    public void afterRestore(long oldPid, long newPid) {
        if (!initialized.is(InetAddress.class)) {
            return;
        }
        ((Map<?, ?>) cache.get()).clear();
        ((NavigableSet<?>) expirySet.get()).clear();
        try {
            forgetLocalHost.invokeExact();
        } catch (Throwable e) {
            throw new AssertionError("a field's setter throws nothing", e);
        }
    }
}
