// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import dev.thaw.core.JdkAccess;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import net.bytebuddy.jar.asm.ClassVisitor;

/**
 * sun.security.provider.NativePRNG, its Blocking and NonBlocking, JDK 22-25 (tested: 25): what
 * {@code new SecureRandom()} is on Linux. Without it processes restored from one snapshot share up to 64 KiB of bytes
 * read from the kernel before the checkpoint, and the generator that is mixed in. The code is not changed: the
 * buffer is emptied and the generator dropped, to be made anew by the next request.
 */
final class NativePRNGPatch implements InstallablePatch {
    private static final String TYPE = "sun.security.provider.NativePRNG";
    private static final List<String> VARIANTS = List.of("", "$Blocking", "$NonBlocking");

    private final Initialized initialized = new Initialized();
    private final List<Instance> instances = new ArrayList<>();
    private VarHandle lock;
    private VarHandle buffered;
    private VarHandle lastRead;
    private VarHandle mixRandom;

    /** The static INSTANCE of a variant. */
    private record Instance(Class<?> type, VarHandle field) {}

    @Override
    public String name() {
        return "NativePRNG";
    }

    @Override
    public Map<Class<?>, UnaryOperator<ClassVisitor>> changes() throws ReflectiveOperationException {
        MethodHandles.Lookup lookup = JdkAccess.lookup();
        Class<?> io = lookup.findClass(TYPE + "$RandomIO");
        lock = lookup.findVarHandle(io, "LOCK_GET_BYTES", Object.class);
        buffered = lookup.findVarHandle(io, "buffered", int.class);
        lastRead = lookup.findVarHandle(io, "lastRead", long.class);
        mixRandom = lookup.findVarHandle(io, "mixRandom", lookup.findClass("sun.security.provider.SecureRandom"));
        for (String variant : VARIANTS) {
            Class<?> type = lookup.findClass(TYPE + variant);
            instances.add(new Instance(type, lookup.findStaticVarHandle(type, "INSTANCE", io)));
        }
        return Map.of();
    }

    @Override
    public void probe() {
        afterRestore(0, 0);
    }

    @Override
    public void afterRestore(long oldPid, long newPid) {
        for (Instance instance : instances) {
            Object io = initialized.is(instance.type()) ? instance.field().get() : null;
            if (io != null) { // null: the kernel has no such device
                forget(io);
            }
        }
    }

    private void forget(Object io) {
        synchronized (lock.get(io)) {
            buffered.set(io, 0);
            lastRead.set(io, 0L);
            mixRandom.setVolatile(io, null);
        }
    }
}
