// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import dev.thaw.core.JdkAccess;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Field;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import net.bytebuddy.jar.asm.ClassVisitor;

/**
 * The generators of java.util.random.RandomGenerator, JDK 22-25 (tested: 25): defaultGen of each class, from which those
 * without a seed are made (RandomSupport.initialSeed gives its first value). Without it those that are made after a
 * restore are alike in all processes restored from one snapshot.
 */
final class RandomSupportPatch implements InstallablePatch {
    private static final String[] NAMES = {
        "L32X64MixRandom", "L64X128MixRandom", "L64X128StarStarRandom", "L64X256MixRandom", "L64X1024MixRandom",
        "L128X128MixRandom", "L128X256MixRandom", "L128X1024MixRandom", "Xoroshiro128PlusPlus", "Xoshiro256PlusPlus",
    };

    private final FreshSeeds seeds;
    private final Initialized initialized = new Initialized();
    private final Map<Class<?>, VarHandle> counters = new LinkedHashMap<>();

    RandomSupportPatch(FreshSeeds seeds) {
        this.seeds = seeds;
    }

    @Override
    public String name() {
        return "RandomSupport";
    }

    @Override
    public Map<Class<?>, UnaryOperator<ClassVisitor>> changes() throws ReflectiveOperationException {
        for (String name : NAMES) {
            Class<?> type = find(name);
            if (type != null) {
                counters.put(type, JdkAccess.lookup().findStaticVarHandle(type, counter(type), AtomicLong.class));
            }
        }
        return Map.of();
    }

    /** The one field of this type: defaultGen, or DEFAULT_GEN. */
    private static String counter(Class<?> type) throws NoSuchFieldException {
        for (Field field : type.getDeclaredFields()) {
            if (field.getType() == AtomicLong.class) {
                return field.getName();
            }
        }
        throw new NoSuchFieldException("an AtomicLong of " + type.getName());
    }

    /** Up to JDK 22 in a module that may be missing. */
    private static Class<?> find(String name) throws ClassNotFoundException {
        try {
            return Class.forName("jdk.internal.random." + name, false, null);
        } catch (ClassNotFoundException e) {
            String old = "jdk.random." + name;
            boolean isThere = ModuleLayer.boot().findModule("jdk.random").isPresent();
            return isThere ? Class.forName(old, false, ClassLoader.getPlatformClassLoader()) : null;
        }
    }

    @Override
    public void probe() {
        afterRestore(0, 0);
    }

    @Override
    public void afterRestore(long oldPid, long newPid) {
        for (Map.Entry<Class<?>, VarHandle> counter : counters.entrySet()) {
            if (initialized.is(counter.getKey())) {
                ((AtomicLong) counter.getValue().get()).set(seeds.next());
            }
        }
    }
}
