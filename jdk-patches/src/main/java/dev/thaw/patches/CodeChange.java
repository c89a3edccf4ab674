// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import java.lang.instrument.ClassFileTransformer;
import java.security.ProtectionDomain;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ClassWriter;

/**
 * Changes the bodies of methods. It stays registered: another agent's retransformation begins with the class
 * file as the JDK has it.
 */
final class CodeChange implements ClassFileTransformer {
    private static final String DONE = "";

    private final Map<Class<?>, UnaryOperator<ClassVisitor>> changes = new HashMap<>();
    private final Map<Class<?>, String> outcomes = new ConcurrentHashMap<>();

    /** No class may be in two of them. */
    CodeChange(Collection<Map<Class<?>, UnaryOperator<ClassVisitor>>> parts) {
        parts.forEach(changes::putAll);
    }

    Set<Class<?>> types() {
        return changes.keySet();
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
            outcomes.put(type, DONE);
            return writer.toByteArray();
        } catch (RuntimeException | LinkageError e) {
            outcomes.put(type, String.valueOf(e.getMessage()));
            return null; // the JVM would swallow an exception
        }
    }

    /** @throws IllegalStateException naming the class that was not changed */
    void require(Set<Class<?>> types) {
        for (Class<?> type : types) {
            String outcome = outcomes.getOrDefault(type, "the JVM did not ask");
            if (!outcome.equals(DONE)) {
                throw new IllegalStateException("the code of " + type.getName() + " was not changed: " + outcome);
            }
        }
    }
}
