// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import dev.thaw.core.JdkAccess;
import dev.thaw.patches.boot.RandomEpoch;
import java.lang.invoke.MethodHandles;
import java.util.Map;
import java.util.function.UnaryOperator;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/**
 * sun.security.ssl.SSLSessionContextImpl, JDK 22-25 (tested: 25). Without it all processes restored from one snapshot
 * seal TLS session tickets with one key, and resume each other's sessions; a client goes on with sessions of before the
 * checkpoint. After a restore each context forgets its keys and sessions when it is asked next, so a client that comes
 * with an old ticket gets a full handshake.
 *
 * {@snippet :
 * // at the start of getKey(…), getSession(id), getIds(), get(…), pull(id)
 * if (RandomEpoch.isStale(this, this)) {
 *     RandomEpoch.forget(keyHashMap);
 *     sessionCache.clear();
 *     sessionHostPortCache.clear();
 * }
 * }
 */
final class SSLSessionContextImplPatch implements InstallablePatch {
    private static final String TYPE = "sun/security/ssl/SSLSessionContextImpl";
    private static final String CACHE = "sun/security/util/Cache";
    private static final String[] METHODS = {"getKey", "getSession", "getIds", "get", "pull"};

    @Override
    public String name() {
        return "SSLSessionContextImpl";
    }

    @Override
    public Map<Class<?>, UnaryOperator<ClassVisitor>> changes() throws ReflectiveOperationException {
        MethodHandles.Lookup lookup = JdkAccess.lookup();
        Class<?> type = lookup.findClass(TYPE.replace('/', '.'));
        Class<?> cache = lookup.findClass(CACHE.replace('/', '.'));
        lookup.findVarHandle(type, "keyHashMap", Map.class);
        lookup.findVarHandle(type, "sessionCache", cache);
        lookup.findVarHandle(type, "sessionHostPortCache", cache);
        return Map.of(type, next -> {
            ClassVisitor all = next;
            for (String method : METHODS) {
                all = new MethodChange(all, method, code -> new StaleEntry(code, SSLSessionContextImplPatch::forget));
            }
            return all;
        });
    }

    private static void forget(MethodVisitor code) {
        code.visitVarInsn(Opcodes.ALOAD, 0);
        code.visitFieldInsn(Opcodes.GETFIELD, TYPE, "keyHashMap", "Ljava/util/Map;");
        code.visitMethodInsn(Opcodes.INVOKESTATIC, StaleEntry.BOOT, "forget", "(Ljava/util/Map;)V", false);
        for (String field : new String[] {"sessionCache", "sessionHostPortCache"}) {
            code.visitVarInsn(Opcodes.ALOAD, 0);
            code.visitFieldInsn(Opcodes.GETFIELD, TYPE, field, "L" + CACHE + ";");
            code.visitMethodInsn(Opcodes.INVOKEVIRTUAL, CACHE, "clear", "()V", false);
        }
    }

    @Override
    public void probe() {
        RandomEpoch.isStale(this, null);
    }

    @Override
    public void afterRestore(long oldPid, long newPid) {
        // each context asks when it is used next
    }
}
