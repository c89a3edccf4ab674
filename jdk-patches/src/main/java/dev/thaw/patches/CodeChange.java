// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import java.lang.instrument.ClassFileTransformer;
import java.security.ProtectionDomain;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ClassWriter;

/**
 * Changes the bodies of methods. It stays registered: another agent's retransformation begins with the class
 * file as the JDK has it.
 */
final class CodeChange implements ClassFileTransformer {
    private final Map<Class<?>, UnaryOperator<ClassVisitor>> changes;
    private final Set<Class<?>> done = new HashSet<>();
    private Throwable failure;

    CodeChange(Map<Class<?>, UnaryOperator<ClassVisitor>> changes) {
        this.changes = Map.copyOf(changes);
    }

    @Override
    public byte[] transform(ClassLoader loader, String name, Class<?> type, ProtectionDomain domain, byte[] file) {
        UnaryOperator<ClassVisitor> change = type == null ? null : changes.get(type);
        if (change == null) {
            return null;
        }
        try {
            ClassReader reader = new ClassReader(file);
            ClassWriter writer = new ClassWriter(reader, ClassWriter.COMPUTE_MAXS);
            reader.accept(change.apply(writer), 0);
            synchronized (this) {
                done.add(type);
            }
            return writer.toByteArray();
        } catch (RuntimeException | LinkageError e) {
            synchronized (this) {
                failure = e;
            }
            return null; // the JVM would swallow an exception
        }
    }

    /** @throws IllegalStateException naming the classes that were not changed */
    synchronized void requireAll() {
        if (!done.equals(changes.keySet())) {
            Set<Class<?>> missing = new HashSet<>(changes.keySet());
            missing.removeAll(done);
            throw new IllegalStateException("the code of %s could not be changed%s"
                    .formatted(missing, failure == null ? "" : ": " + failure), failure);
        }
    }
}
