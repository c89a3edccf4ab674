// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import java.util.function.Consumer;
import net.bytebuddy.jar.asm.Label;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/** Puts {@code if (RandomEpoch.isStale(this, this)) { renewal }} before a method's own code. */
final class StaleEntry extends MethodVisitor {
    static final String BOOT = "dev/thaw/patches/boot/RandomEpoch";
    static final String IS_STALE = "(Ljava/lang/Object;Ljava/lang/Object;)Z";

    private final Consumer<MethodVisitor> renewal;

    /** {@code renewal} finds and leaves an empty stack, and may use {@code this}. */
    StaleEntry(MethodVisitor next, Consumer<MethodVisitor> renewal) {
        super(MethodChange.API, next);
        this.renewal = renewal;
    }

    /** The renewal {@code field = constant}; {@code field} is an int, {@code constant} the opcode that loads its value. */
    static Consumer<MethodVisitor> set(String type, String field, int constant) {
        return code -> {
            code.visitVarInsn(Opcodes.ALOAD, 0);
            code.visitInsn(constant);
            code.visitFieldInsn(Opcodes.PUTFIELD, type, field, "I");
        };
    }

    @Override
    public void visitCode() {
        super.visitCode();
        Label fresh = new Label();
        super.visitVarInsn(Opcodes.ALOAD, 0);
        super.visitVarInsn(Opcodes.ALOAD, 0);
        super.visitMethodInsn(Opcodes.INVOKESTATIC, BOOT, "isStale", IS_STALE, false);
        super.visitJumpInsn(Opcodes.IFEQ, fresh);
        renewal.accept(mv);
        super.visitLabel(fresh);
        super.visitFrame(Opcodes.F_SAME, 0, null, 0, null);
    }
}
