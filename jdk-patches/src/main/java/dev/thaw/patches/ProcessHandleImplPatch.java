// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import dev.thaw.core.JdkAccess;
import dev.thaw.patches.boot.CurrentPid;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/**
 * java.lang.ProcessHandleImpl, JDK 22-25 (tested: 25). Without it ProcessHandle.current().pid() and
 * RuntimeMXBean.getPid() are those of the process that was checkpointed: {@code current} is made once, and the JIT
 * folds its fields (ciField.cpp, trust_final_non_static_fields).
 *
 * {@snippet :
 * // before                    after
 * this.pid = pid;              this.pid = CurrentPid.store(pid);
 * … pid …                      … CurrentPid.pid(pid) …
 * … startTime …                … CurrentPid.startTime(startTime, pid) …
 * }
 */
final class ProcessHandleImplPatch implements InstallablePatch {
    private static final String TYPE = "java/lang/ProcessHandleImpl";
    private static final String BOOT = "dev/thaw/patches/boot/CurrentPid";
    /** No process has it; {@link CurrentPid} reads it as the pid at the time of the patch. */
    private static final long STORED_FOR_OTHER = Long.MIN_VALUE;

    private final LongSupplier pidNow;

    ProcessHandleImplPatch(LongSupplier pidNow) {
        this.pidNow = pidNow;
    }

    @Override
    public String name() {
        return "ProcessHandleImpl";
    }

    @Override
    public Map<Class<?>, UnaryOperator<ClassVisitor>> changes() throws ReflectiveOperationException {
        MethodHandles.Lookup lookup = JdkAccess.lookup();
        Class<?> type = lookup.findClass("java.lang.ProcessHandleImpl");
        lookup.ensureInitialized(type);
        MethodHandle startTimeOf = lookup.findStatic(type, "isAlive0", MethodType.methodType(long.class, long.class));
        CurrentPid.install(pidNow, pid -> startTime(startTimeOf, pid));
        return Map.of(type, next -> new MethodChange(next, null, Fields::new));
    }

    @Override
    public void probe() throws ReflectiveOperationException {
        MethodHandles.Lookup lookup = JdkAccess.lookup();
        MethodHandle constructor = lookup.findConstructor(lookup.findClass("java.lang.ProcessHandleImpl"),
                MethodType.methodType(void.class, long.class, long.class));
        ProcessHandle handle;
        try {
            handle = (ProcessHandle) constructor.invoke(STORED_FOR_OTHER, 0L);
        } catch (Throwable e) {
            throw new IllegalStateException("no ProcessHandleImpl could be made", e);
        }
        if (handle.pid() != pidNow.getAsLong()) {
            throw new IllegalStateException("a read of the field pid still gives what is stored");
        }
        CurrentPid.forget();
    }

    @Override
    public void afterRestore(long oldPid, long newPid) {
        CurrentPid.forget();
    }

    private static long startTime(MethodHandle startTimeOf, long pid) {
        try {
            return (long) startTimeOf.invokeExact(pid);
        } catch (Throwable e) {
            throw new AssertionError("isAlive0 throws nothing", e);
        }
    }

    private static final class Fields extends MethodVisitor {
        Fields(MethodVisitor next) {
            super(MethodChange.API, next);
        }

        @Override
        public void visitFieldInsn(int opcode, String owner, String name, String descriptor) {
            boolean isOurs = owner.equals(TYPE) && descriptor.equals("J");
            if (isOurs && name.equals("pid") && opcode == Opcodes.PUTFIELD) {
                call("store", "(J)J");
                super.visitFieldInsn(opcode, owner, name, descriptor);
            } else if (isOurs && name.equals("pid") && opcode == Opcodes.GETFIELD) {
                super.visitFieldInsn(opcode, owner, name, descriptor);
                call("pid", "(J)J");
            } else if (isOurs && name.equals("startTime") && opcode == Opcodes.GETFIELD) {
                readStartTime();
            } else {
                super.visitFieldInsn(opcode, owner, name, descriptor);
            }
        }

        /** handle -> startTime(handle.startTime, handle.pid). */
        private void readStartTime() {
            super.visitInsn(Opcodes.DUP);
            super.visitFieldInsn(Opcodes.GETFIELD, TYPE, "startTime", "J");
            super.visitInsn(Opcodes.DUP2_X1);
            super.visitInsn(Opcodes.POP2);
            super.visitFieldInsn(Opcodes.GETFIELD, TYPE, "pid", "J");
            call("startTime", "(JJ)J");
        }

        private void call(String method, String descriptor) {
            super.visitMethodInsn(Opcodes.INVOKESTATIC, BOOT, method, descriptor, false);
        }
    }
}
