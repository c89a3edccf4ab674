// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import dev.thaw.core.JdkAccess;
import java.lang.foreign.MemorySegment;
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
    private final Initialized initialized = new Initialized();
    private final NativeEnvironment libc = new NativeEnvironment();
    private Class<?> type;
    private VarHandle environment;
    private VarHandle table;
    private VarHandle size;
    private VarHandle threshold;
    private MethodHandle toVariable;
    private MethodHandle toValue;

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
        toVariable = fromBytes(lookup, lookup.findClass(TYPE + "$Variable"));
        toValue = fromBytes(lookup, lookup.findClass(TYPE + "$Value"));
        return Map.of();
    }

    private static MethodHandle fromBytes(MethodHandles.Lookup lookup, Class<?> type)
            throws ReflectiveOperationException {
        return lookup.findStatic(type, "valueOf", MethodType.methodType(type, byte[].class))
                .asType(MethodType.methodType(Object.class, byte[].class));
    }

    @Override
    public void probe() throws ReflectiveOperationException {
        libc.check(read());
        NativeEnvironment.copy(PROBE);
        libc.readTimeZone();
        HashMap<Object, Object> map = new HashMap<>();
        replace(map, parse(PROBE));
        if (map.size() != 1 || !map.keySet().iterator().next().toString().equals("P")) {
            throw new IllegalStateException("a HashMap does not take another table");
        }
    }

    private byte[][] read() throws ReflectiveOperationException {
        MethodHandle environ = JdkAccess.lookup().findStatic(type, "environ", MethodType.methodType(byte[][].class));
        try {
            return (byte[][]) environ.invokeExact();
        } catch (Throwable e) {
            throw new AssertionError("environ throws nothing", e);
        }
    }

    @Override
    public void afterRestore(long oldPid, long newPid) {
        byte[] block = launch.environment();
        if (block == null) {
            return;
        }
        MemorySegment copy = NativeEnvironment.copy(block);
        libc.replace(copy);
        if (initialized.is(type)) {
            @SuppressWarnings("unchecked")
            HashMap<Object, Object> map = (HashMap<Object, Object>) environment.get();
            replace(map, parse(block));
        }
    }

    /** As ProcessEnvironment does: what has no = behind its first byte is left out; the first of two wins. */
    private HashMap<Object, Object> parse(byte[] block) {
        HashMap<Object, Object> map = new HashMap<>();
        int start = 0;
        for (int end = 0; end < block.length; end++) {
            if (block[end] != 0) {
                continue;
            }
            int equals = start + 1;
            while (equals < end && block[equals] != '=') {
                equals++;
            }
            if (equals < end) {
                map.putIfAbsent(make(toVariable, Arrays.copyOfRange(block, start, equals)),
                        make(toValue, Arrays.copyOfRange(block, equals + 1, end)));
            }
            start = end + 1;
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
