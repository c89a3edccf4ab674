// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/**
 * A class whose objects each hold a descriptor, JDK 22-25 (tested: 25), Netty 4.1 and 4.2. Only with
 * {@code -Djdk.crac.collect-fd-stacktraces=true}; without it nobody knows where a descriptor was opened.
 *
 * {@snippet :
 * // at the end of each constructor
 * OpenTraces.opened(this, this.field);    // java.io.FileDescriptor, which has no number yet: opened(this)
 * }
 *
 * @param type  its name as in a class file
 * @param field its int with the descriptor; null: the number comes later
 */
record OpenTracePatch(String name, String type, String field) {
    private static final String BOOT = "dev/thaw/patches/boot/OpenTraces";
    private static final String CONSTRUCTOR = "<init>";

    /** Of whatever package: libraries bring Netty along under a name of their own. */
    boolean isFor(String typeName) {
        return typeName.equals(type) || type.startsWith("io/netty") && typeName.endsWith("/".concat(type));
    }

    ClassVisitor change(ClassVisitor next, String typeName) {
        return new ClassVisitor(MethodChange.API, next) {
            @Override
            public MethodVisitor visitMethod(int access, String method, String descriptor, String signature,
                    String[] exceptions) {
                MethodVisitor code = super.visitMethod(access, method, descriptor, signature, exceptions);
                return method.equals(CONSTRUCTOR) ? new Ends(code, typeName, field) : code;
            }
        };
    }

    private static final class Ends extends MethodVisitor {
        private final String owner;
        private final String field;

        Ends(MethodVisitor next, String owner, String field) {
            super(MethodChange.API, next);
            this.owner = owner;
            this.field = field;
        }

        @Override
        public void visitInsn(int opcode) {
            if (opcode == Opcodes.RETURN) {
                super.visitVarInsn(Opcodes.ALOAD, 0);
                if (field != null) {
                    super.visitVarInsn(Opcodes.ALOAD, 0);
                    super.visitFieldInsn(Opcodes.GETFIELD, owner, field, "I");
                }
                super.visitMethodInsn(Opcodes.INVOKESTATIC, BOOT, "opened",
                        field == null ? "(Ljava/lang/Object;)V" : "(Ljava/lang/Object;I)V", false);
            }
            super.visitInsn(opcode);
        }
    }
}
