// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import java.util.function.UnaryOperator;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/** Passes the methods with one name and descriptor, or all, through a visitor, and knows whether there were any. */
final class MethodChange extends ClassVisitor {
    static final int API = Opcodes.ASM9;

    private final String method;
    private final UnaryOperator<MethodVisitor> change;
    private boolean found;

    /** {@code method} is name and descriptor, as in {@code pid()J}, or the name of methods of objects; null: all. */
    MethodChange(ClassVisitor next, String method, UnaryOperator<MethodVisitor> change) {
        super(API, next);
        this.method = method;
        this.change = change;
    }

    @Override
    public MethodVisitor visitMethod(int access, String name, String descriptor, String signature,
            String[] exceptions) {
        MethodVisitor next = super.visitMethod(access, name, descriptor, signature, exceptions);
        boolean isNamed = (access & Opcodes.ACC_STATIC) == 0 && name.equals(method);
        if (method != null && !isNamed && !method.equals(name + descriptor)) {
            return next;
        }
        found = true;
        return change.apply(next);
    }

    @Override
    public void visitEnd() {
        super.visitEnd();
        if (!found) {
            throw new IllegalStateException("it has no method " + method);
        }
    }
}
