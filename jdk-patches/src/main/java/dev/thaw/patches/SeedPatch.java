// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import dev.thaw.core.JdkAccess;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import net.bytebuddy.jar.asm.ClassVisitor;

/**
 * The counters that seed java.util's generators, JDK 22-25 (tested: 25): SplittableRandom.defaultGen,
 * Random.seedUniquifier. Without it generators made after a restore are alike in all
 * processes restored from one snapshot. The generators that exist go on as they were; those numbers are no secrets.
 */
final class SeedPatch implements InstallablePatch {
    private final Class<?> type;
    private final String field;
    private final FreshSeeds seeds;
    private AtomicLong seed;

    private SeedPatch(Class<?> type, String field, FreshSeeds seeds) {
        this.seeds = seeds;
        this.type = type;
        this.field = field;
    }

    static SeedPatch splittableRandom(FreshSeeds seeds) {
        return new SeedPatch(SplittableRandom.class, "defaultGen", seeds);
    }

    static SeedPatch random(FreshSeeds seeds) {
        return new SeedPatch(Random.class, "seedUniquifier", seeds);
    }

    @Override
    public String name() {
        return type.getSimpleName();
    }

    @Override
    public Map<Class<?>, UnaryOperator<ClassVisitor>> changes() throws ReflectiveOperationException {
        seed = (AtomicLong) JdkAccess.lookup().findStaticVarHandle(type, field, AtomicLong.class).get();
        return Map.of();
    }

    @Override
    public void probe() {
        afterRestore(0, 0);
    }

    @Override
    public void afterRestore(long oldPid, long newPid) {
        seed.set(seeds.next());
    }
}
