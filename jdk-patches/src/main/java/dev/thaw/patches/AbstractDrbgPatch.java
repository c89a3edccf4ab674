// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import dev.thaw.core.JdkAccess;
import dev.thaw.patches.boot.RandomEpoch;
import java.util.Map;
import java.util.function.UnaryOperator;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/**
 * sun.security.provider.AbstractDrbg, JDK 22-25 (tested: 25). Without it the DRBG generators of two processes
 * restored from one snapshot give the same numbers; the one that seeds all others is among them. A
 * reseedCounter below 0 makes the next request reseed first (engineNextBytes, "Step 7: Auto reseed").
 *
 * {@snippet :
 * // at the start of engineNextBytes(byte[], SecureRandomParameters)
 * if (RandomEpoch.isStale(this, this)) {
 *     reseedCounter = -1;
 * }
 * }
 */
final class AbstractDrbgPatch implements InstallablePatch {
    private static final String TYPE = "sun/security/provider/AbstractDrbg";
    private static final String METHOD = "engineNextBytes([BLjava/security/SecureRandomParameters;)V";

    @Override
    public String name() {
        return "AbstractDrbg";
    }

    @Override
    public Map<Class<?>, UnaryOperator<ClassVisitor>> changes() throws ReflectiveOperationException {
        Class<?> type = JdkAccess.lookup().findClass(TYPE.replace('/', '.'));
        JdkAccess.lookup().findVarHandle(type, "reseedCounter", int.class);
        return Map.of(type, next -> new MethodChange(next, METHOD,
                code -> new StaleEntry(code, StaleEntry.set(TYPE, "reseedCounter", Opcodes.ICONST_M1))));
    }

    @Override
    public void probe() {
        RandomEpoch.isStale(this, null);
    }

    @Override
    public void afterRestore(long oldPid, long newPid) {
        // each generator asks when it is used next
    }
}
