// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import dev.thaw.core.JdkAccess;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Collections;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import net.bytebuddy.jar.asm.ClassVisitor;

/**
 * The generators behind Math.random() and Collections.shuffle(list), JDK 22-25 (tested: 25). Without it all processes
 * restored from one snapshot roll the same dice and shuffle alike.
 */
final class MathRandomPatch implements InstallablePatch {
    private final FreshSeeds seeds;
    private final Initialized initialized = new Initialized();
    private Class<?> holder;
    private VarHandle ofMath;
    private VarHandle ofCollections;

    MathRandomPatch(FreshSeeds seeds) {
        this.seeds = seeds;
    }

    @Override
    public String name() {
        return "Math";
    }

    @Override
    public Map<Class<?>, UnaryOperator<ClassVisitor>> changes() throws ReflectiveOperationException {
        MethodHandles.Lookup lookup = JdkAccess.lookup();
        holder = lookup.findClass("java.lang.Math$RandomNumberGeneratorHolder");
        ofMath = lookup.findStaticVarHandle(holder, "randomNumberGenerator", Random.class);
        ofCollections = lookup.findStaticVarHandle(Collections.class, "r", Random.class);
        return Map.of();
    }

    @Override
    public void probe() {
        afterRestore(0, 0);
    }

    @Override
    public void afterRestore(long oldPid, long newPid) {
        if (initialized.is(holder)) {
            reseed((Random) ofMath.get());
        }
        reseed((Random) ofCollections.get());
    }

    private void reseed(Random random) {
        if (random != null) {
            random.setSeed(seeds.next());
        }
    }
}
