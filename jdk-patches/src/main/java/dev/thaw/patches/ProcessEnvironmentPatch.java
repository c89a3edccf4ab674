// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import dev.thaw.core.JdkAccess;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import net.bytebuddy.jar.asm.ClassVisitor;

/**
 * java.lang.ProcessEnvironment.theEnvironment and libc's environ, JDK 22-25 (tested: 25). Without it System.getenv(),
 * ProcessBuilder, children and native code have the environment of the process that was checkpointed. The map stays the
 * same object, since compiled code and applications hold it; it gets another table in one step, so that who reads it
 * meanwhile sees the old environment or the new one, not half of each.
 */
final class ProcessEnvironmentPatch implements InstallablePatch {
    private static final String TYPE = "java.lang.ProcessEnvironment";
    private static final byte[] PROBE = {'P', '=', 'b', 0};

    private final Launch launch;
    private final NativeEnvironment libc = new NativeEnvironment();
    private Class<?> type;
    private VarHandle environment;
    private VarHandle table;
    private VarHandle size;
    private VarHandle threshold;
    private MethodHandle environ;
    private MethodHandle toVariable;
    private MethodHandle toValue;
    /** Of the variable TZ, before the checkpoint; null: it is not set. */
    private byte[] timeZone;

    ProcessEnvironmentPatch(Launch launch) {
        this.launch = launch;
    }

    @Override
    public String name() {
        return "ProcessEnvironment";
    }

    @Override
    public Map<Class<?>, UnaryOperator<ClassVisitor>> changes() throws ReflectiveOperationException {
        MethodHandles.Lookup lookup = JdkAccess.lookup();
        type = lookup.findClass(TYPE);
        environment = lookup.findStaticVarHandle(type, "theEnvironment", HashMap.class);
        table = lookup.findVarHandle(HashMap.class, "table", lookup.findClass("java.util.HashMap$Node").arrayType());
        size = lookup.findVarHandle(HashMap.class, "size", int.class);
        threshold = lookup.findVarHandle(HashMap.class, "threshold", int.class);
        environ = lookup.findStatic(type, "environ", MethodType.methodType(byte[][].class));
        toVariable = fromBytes(lookup, lookup.findClass(TYPE + "$Variable"));
        toValue = fromBytes(lookup, lookup.findClass(TYPE + "$Value"));
        return Map.of();
    }

    private static MethodHandle fromBytes(MethodHandles.Lookup lookup, Class<?> type)
            throws ReflectiveOperationException {
        return lookup.findStatic(type, "valueOf", MethodType.methodType(type, byte[].class))
                .asType(MethodType.methodType(Object.class, byte[].class));
    }

    /** What afterRestore does, with a map of its own. */
    @Override
    public void probe() {
        byte[][] now = environ();
        libc.check(now);
        libc.copy(PROBE);
        beforeCheckpoint();
        libc.warmUp();
        libc.readTimeZone();
        HashMap<Object, Object> map = new HashMap<>();
        HashMap<Object, Object> variables = variables(now);
        replace(map, variables);
        if (theEnvironment() == null || !map.equals(variables)) {
            throw new IllegalStateException("a HashMap does not take another table");
        }
    }

    /** What libc's environ holds: name, value, name, … */
    private byte[][] environ() {
        if (libc.isCleared()) {
            return new byte[0][]; // by clearenv(3): the JDK's code does not look for that
        }
        try {
            return (byte[][]) environ.invokeExact();
        } catch (Throwable e) {
            throw new AssertionError("environ throws nothing", e);
        }
    }

    @Override
    public void beforeCheckpoint() {
        timeZone = timeZone(environ());
        libc.reserve();
    }

    private static byte[] timeZone(byte[][] environ) {
        for (int i = 0; i < environ.length; i += 2) {
            byte[] name = environ[i];
            if (name.length == 2 && name[0] == 'T' && name[1] == 'Z') {
                return environ[i + 1];
            }
        }
        return null;
    }

    @Override
    public void afterRestore(long oldPid, long newPid) {
        byte[] block = launch.environment();
        if (block == null) {
            return;
        }
        libc.replace(libc.copy(block));
        byte[][] now = environ();
        byte[] zone = timeZone(now);
        if (zone == null || !Arrays.equals(timeZone, zone)) { // without TZ it is /etc/localtime, perhaps another one
            libc.readTimeZone();
        }
        replace(theEnvironment(), variables(now));
    }

    @SuppressWarnings("unchecked")
    private HashMap<Object, Object> theEnvironment() {
        return (HashMap<Object, Object>) environment.get();
    }

    /** As ProcessEnvironment does: the first of two wins. */
    private HashMap<Object, Object> variables(byte[][] environ) {
        HashMap<Object, Object> map = new HashMap<>(environ.length);
        for (int i = environ.length - 2; i >= 0; i -= 2) {
            map.put(make(toVariable, environ[i]), make(toValue, environ[i + 1]));
        }
        return map;
    }

    private static Object make(MethodHandle valueOf, byte[] bytes) {
        try {
            return (Object) valueOf.invokeExact(bytes);
        } catch (Throwable e) {
            throw new AssertionError("valueOf throws nothing", e);
        }
    }

    private void replace(HashMap<Object, Object> map, HashMap<Object, Object> by) {
        table.setVolatile(map, table.get(by));
        size.set(map, (int) size.get(by));
        threshold.set(map, (int) threshold.get(by));
    }
}
