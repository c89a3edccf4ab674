// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import dev.thaw.core.JdkAccess;
import dev.thaw.patches.boot.RandomEpoch;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/**
 * sun.security.ssl.HelloCookieManager, of TLS 1.3 and of DTLS, JDK 22-25 (tested: 25). Without it all processes restored
 * from one snapshot make cookies with one secret. Who comes with a cookie of before the checkpoint is asked again.
 *
 * {@snippet :
 * // at the start of createCookie(…), isCookieValid(…)
 * if (RandomEpoch.isStale(this, this)) {
 *     secureRandom.nextBytes(cookieSecret);
 *     secureRandom.nextBytes(legacySecret);
 * }
 * }
 */
final class HelloCookieManagerPatch implements InstallablePatch {
    private static final String[] TYPES = {
        "sun/security/ssl/HelloCookieManager$T13HelloCookieManager",
        "sun/security/ssl/HelloCookieManager$D10HelloCookieManager",
    };
    private static final String[] SECRETS = {"cookieSecret", "legacySecret"};
    private static final String RANDOM = "java/security/SecureRandom";

    @Override
    public String name() {
        return "HelloCookieManager";
    }

    @Override
    public Map<Class<?>, UnaryOperator<ClassVisitor>> changes() throws ReflectiveOperationException {
        Map<Class<?>, UnaryOperator<ClassVisitor>> changes = new LinkedHashMap<>();
        for (String name : TYPES) {
            Class<?> type = JdkAccess.lookup().findClass(name.replace('/', '.'));
            JdkAccess.lookup().findVarHandle(type, "secureRandom", java.security.SecureRandom.class);
            for (String secret : SECRETS) {
                JdkAccess.lookup().findVarHandle(type, secret, byte[].class);
            }
            changes.put(type, next -> change(change(next, name, "createCookie"), name, "isCookieValid"));
        }
        return changes;
    }

    private static ClassVisitor change(ClassVisitor next, String type, String method) {
        return new MethodChange(next, method, code -> new StaleEntry(code, entry -> renew(entry, type)));
    }

    private static void renew(MethodVisitor code, String type) {
        for (String secret : SECRETS) {
            code.visitVarInsn(Opcodes.ALOAD, 0);
            code.visitFieldInsn(Opcodes.GETFIELD, type, "secureRandom", "L" + RANDOM + ";");
            code.visitVarInsn(Opcodes.ALOAD, 0);
            code.visitFieldInsn(Opcodes.GETFIELD, type, secret, "[B");
            code.visitMethodInsn(Opcodes.INVOKEVIRTUAL, RANDOM, "nextBytes", "([B)V", false);
        }
    }

    @Override
    public void probe() {
        RandomEpoch.isStale(this, null);
    }

    @Override
    public void afterRestore(long oldPid, long newPid) {
        // each asks when it is used next
    }
}
