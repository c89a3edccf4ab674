// SPDX-License-Identifier: Apache-2.0
package dev.thaw.agent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.instrument.Instrumentation;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import jdk.crac.impl.CheckpointEngine;

/**
 * The CRaCMXBean for java.lang.management. At start, its interface, which org.crac looks up by name, and a provider that
 * ManagementFactory will find when it comes to life; the rest then.
 */
public final class Management {
    private static final String FINDER = "java.lang.management.ManagementFactory$PlatformMBeanFinder";

    private static final String[] AT_START = {"management/CRaCMXBean", "management/internal/CRaCProvider"};
    private static final String[] LATER = {"management/internal/CRaCImpl", "management/internal/CRaCComponent"};

    private Management() {}

    static void defineFirst(BootApi.Definer api, JdkInternals internals, Instrumentation instrumentation)
            throws IOException {
        Optional<Module> module = ModuleLayer.boot().findModule("java.management");
        if (module.isEmpty()) {
            return;
        }
        Set<Module> bootLoaders = Set.of(CheckpointEngine.class.getModule());
        instrumentation.redefineModule(module.get(), Set.of(), Map.of("sun.management.spi", bootLoaders), Map.of(),
                Set.of(), Map.of());
        api.define(AT_START[0]);
        Class<?> provider = api.define(AT_START[1]);
        internals.provide(provider);
        if (isAtWork(instrumentation)) {
            LateManagement.add(api, LATER, module.get(), instrumentation);
        }
    }

    /** Another agent, or whoever had this JVM before us, has asked ManagementFactory: it will not look again. */
    private static boolean isAtWork(Instrumentation instrumentation) {
        for (Class<?> each : instrumentation.getAllLoadedClasses()) {
            if (each.getName().equals(FINDER)) {
                return true;
            }
        }
        return false;
    }

    public static void defineRest(Agent agent) {
        try (BootApi.Definer api = new BootApi.Definer(agent.internals(), agent.jar())) {
            for (String name : LATER) {
                api.define(name);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** For a test: all of {@code jdk.crac.management}. */
    static String[] classes() {
        return new String[] {AT_START[0], AT_START[1], LATER[0], LATER[1]};
    }
}
