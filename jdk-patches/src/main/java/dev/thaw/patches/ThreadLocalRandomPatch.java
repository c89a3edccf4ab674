// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import dev.thaw.core.JdkAccess;
import java.lang.invoke.MethodHandles;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/**
 * java.util.concurrent.ThreadLocalRandom, JDK 22-25 (tested: 25). Without it threads that drew numbers before the
 * checkpoint, virtual ones too, draw the same ones in all processes restored from one snapshot. Their seeds lie in the
 * Thread objects, which nobody lists; so each number has the process's salt added. It is read from where the engine writes
 * it before the first thread runs; opaque, lest compiled code keeps what it read before the checkpoint.
 *
 * {@snippet :
 * // nextSeed()         before         after
 *                       return r;      return r + U.getLongOpaque(null, addressOfSalt);
 * }
 */
final class ThreadLocalRandomPatch implements InstallablePatch {
    private static final String TYPE = "java/util/concurrent/ThreadLocalRandom";
    private static final String UNSAFE = "jdk/internal/misc/Unsafe";

    private final long salt;
    private final FreshSeeds seeds;
    private AtomicLong seeder;

    ThreadLocalRandomPatch(long saltAddress, FreshSeeds seeds) {
        salt = saltAddress;
        this.seeds = seeds;
    }

    @Override
    public String name() {
        return "ThreadLocalRandom";
    }

    @Override
    public Map<Class<?>, UnaryOperator<ClassVisitor>> changes() throws ReflectiveOperationException {
        MethodHandles.Lookup lookup = JdkAccess.lookup();
        seeder = (AtomicLong) lookup.findStaticVarHandle(ThreadLocalRandom.class, "seeder", AtomicLong.class).get();
        lookup.findStaticVarHandle(ThreadLocalRandom.class, "U", lookup.findClass("jdk.internal.misc.Unsafe"));
        return Map.of(ThreadLocalRandom.class, next -> new MethodChange(next, "nextSeed()J", Salted::new));
    }

    @Override
    public void probe() {
        seeder.set(seeds.next());
        ThreadLocalRandom.current().nextLong();
    }

    @Override
    public void afterRestore(long oldPid, long newPid) {
        seeder.set(seeds.next());
    }

    private final class Salted extends MethodVisitor {
        Salted(MethodVisitor next) {
            super(MethodChange.API, next);
        }

        @Override
        public void visitInsn(int opcode) {
            if (opcode == Opcodes.LRETURN) {
                super.visitFieldInsn(Opcodes.GETSTATIC, TYPE, "U", "L" + UNSAFE + ";");
                super.visitInsn(Opcodes.ACONST_NULL);
                super.visitLdcInsn(salt);
                super.visitMethodInsn(Opcodes.INVOKEVIRTUAL, UNSAFE, "getLongOpaque", "(Ljava/lang/Object;J)J", false);
                super.visitInsn(Opcodes.LADD);
            }
            super.visitInsn(opcode);
        }
    }
}
