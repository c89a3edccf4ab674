// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import dev.thaw.core.BootClasses;
import dev.thaw.core.JdkAccess;
import dev.thaw.core.ProcessIdentity;
import dev.thaw.patches.boot.RandomEpoch;
import java.lang.instrument.Instrumentation;
import java.lang.instrument.UnmodifiableClassException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import net.bytebuddy.jar.asm.ClassVisitor;

/**
 * All patches, in the order they are installed.
 *
 * <p>There is none for sun.management.VMManagementImpl: in JDK 22-25 it asks for the pid each time.
 */
public final class JdkPatches {
    private static final String[] BOOT_CLASSES = {
        "dev.thaw.patches.boot.CurrentPid",
        "dev.thaw.patches.boot.RandomEpoch",
        "dev.thaw.patches.boot.RestoreTime",
    };
    /** Set once; static because there is one JDK in a process. */
    private static volatile List<InstallablePatch> installed = List.of();
    private static volatile ProcessIdentity installedFor;
    private static volatile FreshSeeds freshSeeds;

    private JdkPatches() {}

    private static Stream<InstallablePatch> all(ProcessIdentity identity, Launch launch, FreshSeeds seeds) {
        return Stream.of(new ProcessEnvironmentPatch(launch), new ProcessHandleImplPatch(identity::pid),
                new NativePRNGPatch(), new SecureRandomPatch(), new AbstractDrbgPatch(),
                new ThreadLocalRandomPatch(identity.saltAddress(), seeds), SeedPatch.splittableRandom(seeds),
                SeedPatch.random(seeds), new RandomSupportPatch(seeds), new MathRandomPatch(seeds), new SSLSessionContextImplPatch(),
                new HelloCookieManagerPatch(), new InetAddressPatch(), new ResolverConfigurationImplPatch(),
                new TimeZonePatch(launch), new RuntimeImplPatch(), new ForkJoinPoolPatch(launch),
                new VirtualThreadPatch(launch),
                new HttpClientImplPatch(), new KeepAliveCachePatch(), new CleanerImplPatch());
    }

    /** With {@link ProcessIdentity#ofKernel}. */
    public static List<Patch> install(Instrumentation instrumentation) {
        return install(instrumentation, ProcessIdentity.ofKernel(), Launch.none());
    }

    /**
     * Installs each patch that is not switched off; to be called once, before the first checkpoint, after
     * {@link JdkAccess#openTo}.
     *
     * @param identity with {@link ProcessIdentity#ofKernel} generators used between a restore and
     *                 {@link #afterRestore} give the numbers they would have given before; the engine's has no such gap
     * @throws IllegalStateException naming the patch that did not take
     */
    public static synchronized List<Patch> install(Instrumentation instrumentation, ProcessIdentity identity,
                                           Launch launch) {
        if (!installed.isEmpty()) {
            return List.copyOf(installed);
        }
        defineBootClasses(instrumentation);
        RandomEpoch.install(identity::restores);
        FreshSeeds seeds = new FreshSeeds(identity);
        List<InstallablePatch> patches = all(identity, launch, seeds).filter(JdkPatches::isOn).toList();
        Map<Patch, Map<Class<?>, UnaryOperator<ClassVisitor>>> changes = new LinkedHashMap<>();
        patches.forEach(patch -> attempt(patch, () -> changes.put(patch, patch.changes())));
        CodeChange change = new CodeChange(changes.values());
        instrumentation.addTransformer(change, true);
        try {
            retransform(instrumentation, change.types());
            for (InstallablePatch patch : patches) {
                attempt(patch, () -> change.require(changes.get(patch).keySet()));
                attempt(patch, patch::probe);
            }
        } catch (IllegalStateException e) {
            instrumentation.removeTransformer(change);
            retransform(instrumentation, change.types());
            throw e;
        }
        freshSeeds = seeds;
        installedFor = identity;
        installed = patches;
        return List.copyOf(patches);
    }

    /** Every installed patch's {@link Patch#beforeCheckpoint}. */
    public static void beforeCheckpoint() {
        for (InstallablePatch patch : installed) {
            patch.beforeCheckpoint();
        }
    }

    /** Every installed patch's {@link Patch#afterRestore}. */
    public static void afterRestore(long oldPid, long newPid) {
        if (installedFor != null) {
            installedFor.restored();
            freshSeeds.renew();
        }
        for (InstallablePatch patch : installed) {
            patch.afterRestore(oldPid, newPid);
        }
    }

    private static boolean isOn(Patch patch) {
        return !"off".equals(System.getProperty("thaw.patch." + patch.name()));
    }

    private static void defineBootClasses(Instrumentation instrumentation) {
        BootClasses.define(BOOT_CLASSES);
        try {
            Module boot = Class.forName(BOOT_CLASSES[0], false, null).getModule();
            JdkAccess.addReads(instrumentation, Object.class.getModule(), boot);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(BOOT_CLASSES[0] + " is not on the boot loader", e);
        }
    }

    private static void retransform(Instrumentation instrumentation, Set<Class<?>> types) {
        try {
            instrumentation.retransformClasses(types.toArray(new Class<?>[0]));
        } catch (UnmodifiableClassException | LinkageError e) {
            throw new IllegalStateException("the JDK's classes cannot be patched: " + e, e);
        }
    }

    /** A step of one patch. */
    private interface Step {
        void run() throws ReflectiveOperationException;
    }

    private static void attempt(Patch patch, Step step) {
        try {
            step.run();
        } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
            throw new IllegalStateException("the patch of %s did not take: %s; switch it off with -Dthaw.patch.%s=off"
                    .formatted(patch.name(), e.getMessage(), patch.name()), e);
        }
    }
}
