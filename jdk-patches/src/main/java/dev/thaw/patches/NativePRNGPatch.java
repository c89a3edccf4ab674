// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import dev.thaw.core.JdkAccess;
import dev.thaw.patches.boot.RandomEpoch;
import java.util.Map;
import java.util.function.UnaryOperator;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/**
 * sun.security.provider.NativePRNG, its Blocking and NonBlocking, JDK 22-25 (tested: 25): what
 * {@code new SecureRandom()} is on Linux. Without it processes restored from one snapshot share up to 64 KiB of bytes
 * read from the kernel before the checkpoint. The generator that is mixed in may stay: its numbers are only added to
 * those of the kernel.
 *
 * {@snippet :
 * // at the start of RandomIO.ensureBufferValid(), which runs under the buffer's lock
 * if (RandomEpoch.isStale(this, this)) {
 *     buffered = 0;
 * }
 * }
 */
final class NativePRNGPatch implements InstallablePatch {
    private static final String TYPE = "sun/security/provider/NativePRNG$RandomIO";
    private static final String METHOD = "ensureBufferValid()V";

    @Override
    public String name() {
        return "NativePRNG";
    }

    @Override
    public Map<Class<?>, UnaryOperator<ClassVisitor>> changes() throws ReflectiveOperationException {
        Class<?> type = JdkAccess.lookup().findClass(TYPE.replace('/', '.'));
        JdkAccess.lookup().findVarHandle(type, "buffered", int.class);
        return Map.of(type, next -> new MethodChange(next, METHOD,
                code -> new StaleEntry(code, StaleEntry.set(TYPE, "buffered", Opcodes.ICONST_0))));
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
