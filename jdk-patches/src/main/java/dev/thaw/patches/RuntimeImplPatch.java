// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import dev.thaw.core.JdkAccess;
import dev.thaw.patches.boot.RestoreTime;
import java.util.Map;
import java.util.function.UnaryOperator;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/**
 * sun.management.RuntimeImpl, JDK 22-25 (tested: 25). Without it RuntimeMXBean.getStartTime() and getUptime() of a
 * restored process count from the start of the process that was checkpointed. HotSpot's own clock stays as it was, and with
 * it the uptime in -Xlog lines and of jcmd VM.uptime: collectors measure intervals with it, which must not be negative.
 *
 * {@snippet :
 * // before                    after
 * return vmStartupTime;        return RestoreTime.start(vmStartupTime);
 * return jvm.getUptime();      return RestoreTime.uptime(jvm.getUptime());
 * }
 */
final class RuntimeImplPatch implements InstallablePatch {
    private static final String BOOT = "dev/thaw/patches/boot/RestoreTime";

    @Override
    public String name() {
        return "RuntimeImpl";
    }

    @Override
    public Map<Class<?>, UnaryOperator<ClassVisitor>> changes() throws ReflectiveOperationException {
        if (ModuleLayer.boot().findModule("java.management").isEmpty()) {
            return Map.of();
        }
        Class<?> type = JdkAccess.lookup().findClass("sun.management.RuntimeImpl");
        return Map.of(type, next -> new MethodChange(
                new MethodChange(next, "getStartTime()J", code -> new Result(code, "start")),
                "getUptime()J", code -> new Result(code, "uptime")));
    }

    @Override
    public void probe() {
        if (RestoreTime.start(1) != 1 || RestoreTime.uptime(1) != 1) {
            throw new IllegalStateException("this process is taken for a restored one");
        }
    }

    @Override
    public void afterRestore(long oldPid, long newPid) {
        RestoreTime.restored();
    }

    private static final class Result extends MethodVisitor {
        private final String method;

        Result(MethodVisitor next, String method) {
            super(MethodChange.API, next);
            this.method = method;
        }

        @Override
        public void visitInsn(int opcode) {
            if (opcode == Opcodes.LRETURN) {
                super.visitMethodInsn(Opcodes.INVOKESTATIC, BOOT, method, "(J)J", false);
            }
            super.visitInsn(opcode);
        }
    }
}
