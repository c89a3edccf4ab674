// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import dev.thaw.core.JdkAccess;
import dev.thaw.patches.boot.RandomEpoch;
import java.util.Map;
import java.util.function.UnaryOperator;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.Label;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/**
 * sun.security.provider.SecureRandom, the SHA1PRNG, JDK 22-25 (tested: 25). Without it the generators of two
 * processes restored from one snapshot give the same numbers; Tomcat makes its session ids with one. A
 * generator whose first seed the application gave stays as it is: its numbers are meant to be reproducible.
 * That is known of those seeded after the patch.
 *
 * {@snippet :
 * // at the start of engineNextBytes(byte[])
 * if (RandomEpoch.isStale(this, state)) {
 *     engineSetSeed(RandomEpoch.seed());
 * }
 * // at the start of engineSetSeed(byte[])
 * RandomEpoch.seeded(this, state);
 * }
 */
final class SecureRandomPatch implements InstallablePatch {
    private static final String TYPE = "sun/security/provider/SecureRandom";

    @Override
    public String name() {
        return "SecureRandom";
    }

    @Override
    public Map<Class<?>, UnaryOperator<ClassVisitor>> changes() throws ReflectiveOperationException {
        Class<?> type = JdkAccess.lookup().findClass(TYPE.replace('/', '.'));
        JdkAccess.lookup().findVarHandle(type, "state", byte[].class);
        return Map.of(type, next -> new MethodChange(
                new MethodChange(next, "engineSetSeed([B)V", SeedEntry::new), "engineNextBytes([B)V", UseEntry::new));
    }

    @Override
    public void probe() {
        RandomEpoch.isStale(this, null);
        RandomEpoch.seed();
    }

    @Override
    public void afterRestore(long oldPid, long newPid) {
        // each generator asks when it is used next
    }

    private static final class UseEntry extends MethodVisitor {
        UseEntry(MethodVisitor next) {
            super(MethodChange.API, next);
        }

        @Override
        public void visitCode() {
            super.visitCode();
            Label fresh = new Label();
            loadThisAndState(mv);
            super.visitMethodInsn(Opcodes.INVOKESTATIC, StaleEntry.BOOT, "isStale", StaleEntry.IS_STALE, false);
            super.visitJumpInsn(Opcodes.IFEQ, fresh);
            super.visitVarInsn(Opcodes.ALOAD, 0);
            super.visitMethodInsn(Opcodes.INVOKESTATIC, StaleEntry.BOOT, "seed", "()[B", false);
            super.visitMethodInsn(Opcodes.INVOKEVIRTUAL, TYPE, "engineSetSeed", "([B)V", false);
            super.visitLabel(fresh);
            super.visitFrame(Opcodes.F_SAME, 0, null, 0, null);
        }
    }

    private static final class SeedEntry extends MethodVisitor {
        SeedEntry(MethodVisitor next) {
            super(MethodChange.API, next);
        }

        @Override
        public void visitCode() {
            super.visitCode();
            loadThisAndState(mv);
            super.visitMethodInsn(Opcodes.INVOKESTATIC, StaleEntry.BOOT, "seeded",
                    "(Ljava/lang/Object;Ljava/lang/Object;)V", false);
        }
    }

    private static void loadThisAndState(MethodVisitor code) {
        code.visitVarInsn(Opcodes.ALOAD, 0);
        code.visitVarInsn(Opcodes.ALOAD, 0);
        code.visitFieldInsn(Opcodes.GETFIELD, TYPE, "state", "[B");
    }
}
