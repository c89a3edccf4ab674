// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import net.bytebuddy.jar.asm.Label;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/** Puts {@code if (RandomEpoch.isStale(this, this)) { field = constant; }} before a method's own code. */
final class StaleEntry extends MethodVisitor {
    static final String BOOT = "dev/thaw/patches/boot/RandomEpoch";
    static final String IS_STALE = "(Ljava/lang/Object;Ljava/lang/Object;)Z";

    private final String type;
    private final String field;
    private final int constant;

    /** {@code field} is an int, {@code constant} the opcode that loads its new value. */
    StaleEntry(MethodVisitor next, String type, String field, int constant) {
        super(MethodChange.API, next);
        this.type = type;
        this.field = field;
        this.constant = constant;
    }

    @Override
    public void visitCode() {
        super.visitCode();
        Label fresh = new Label();
        super.visitVarInsn(Opcodes.ALOAD, 0);
        super.visitVarInsn(Opcodes.ALOAD, 0);
        super.visitMethodInsn(Opcodes.INVOKESTATIC, BOOT, "isStale", IS_STALE, false);
        super.visitJumpInsn(Opcodes.IFEQ, fresh);
        super.visitVarInsn(Opcodes.ALOAD, 0);
        super.visitInsn(constant);
        super.visitFieldInsn(Opcodes.PUTFIELD, type, field, "I");
        super.visitLabel(fresh);
        super.visitFrame(Opcodes.F_SAME, 0, null, 0, null);
    }
}
