// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import dev.thaw.core.JdkAccess;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Map;
import java.util.function.UnaryOperator;
import net.bytebuddy.jar.asm.ClassVisitor;

/**
 * sun.net.dns.ResolverConfigurationImpl.lastRefresh, JDK 22-25 (tested: 25). Without it JNDI's DNS provider asks the
 * name servers of the old /etc/resolv.conf for up to five minutes. libc, which all else asks, looks at the file itself.
 */
final class ResolverConfigurationImplPatch implements InstallablePatch {
    private static final long NEVER = -1;

    private final Initialized initialized = new Initialized();
    private Class<?> type;
    private VarHandle lastRefresh;

    @Override
    public String name() {
        return "ResolverConfigurationImpl";
    }

    @Override
    public Map<Class<?>, UnaryOperator<ClassVisitor>> changes() throws ReflectiveOperationException {
        MethodHandles.Lookup lookup = JdkAccess.lookup();
        type = lookup.findClass("sun.net.dns.ResolverConfigurationImpl");
        lastRefresh = lookup.findStaticVarHandle(type, "lastRefresh", long.class);
        return Map.of();
    }

    @Override
    public void probe() {
        afterRestore(0, 0);
    }

    @Override
    public void afterRestore(long oldPid, long newPid) {
        if (initialized.is(type)) {
            lastRefresh.setVolatile(NEVER);
        }
    }
}
