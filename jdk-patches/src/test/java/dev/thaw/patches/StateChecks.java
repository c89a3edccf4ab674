// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import static dev.thaw.patches.PatchedApp.expect;

import dev.thaw.core.JdkAccess;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ForkJoinPool;

/** What no application can see by itself: secrets and caches, asked for by name. */
final class StateChecks {
    private static final String COOKIES = "sun.security.ssl.HelloCookieManager";
    private static final MethodHandles.Lookup LOOKUP = JdkAccess.lookup();

    private StateChecks() {}

    static void runCookies() throws Throwable {
        for (String kind : new String[] {"T13", "D10"}) {
            Class<?> type = Class.forName(COOKIES + "$" + kind + "HelloCookieManager");
            Object manager = LOOKUP.findConstructor(type, MethodType.methodType(void.class, SecureRandom.class))
                    .invoke(new SecureRandom());
            VarHandle secret = LOOKUP.findVarHandle(type, "cookieSecret", byte[].class);
            PatchedApp.install();
            byte[] before = ((byte[]) secret.get(manager)).clone();
            PatchedApp.restore(1);
            use(type, manager);
            byte[] after = ((byte[]) secret.get(manager)).clone();
            expect(false, Arrays.equals(before, after));
            use(type, manager);
            expect(true, Arrays.equals(after, (byte[]) secret.get(manager)));
        }
    }

    /** With no cookie there is nothing to look at. */
    private static void use(Class<?> type, Object manager) throws Throwable {
        Class<?> context = Class.forName("sun.security.ssl.ServerHandshakeContext");
        Class<?> hello = Class.forName("sun.security.ssl.ClientHello$ClientHelloMessage");
        expect(false, LOOKUP.findVirtual(type, "isCookieValid",
                MethodType.methodType(boolean.class, context, hello, byte[].class)).invoke(manager, null, null, null));
    }

    static void runResolver() throws Exception {
        Class<?> type = Class.forName("sun.net.dns.ResolverConfigurationImpl");
        VarHandle lastRefresh = LOOKUP.findStaticVarHandle(type, "lastRefresh", long.class);
        PatchedApp.install();
        lastRefresh.set(System.currentTimeMillis());
        JdkPatches.afterRestore(1, 1);
        expect(-1L, (long) lastRefresh.get());
    }

    /** With more processors than before: from two to one the common pool does not change. */
    static void runPools() throws Exception {
        Thread.ofVirtual().start(() -> { }).join();
        VarHandle scheduler = LOOKUP.findStaticVarHandle(Class.forName("java.lang.VirtualThread"), "DEFAULT_SCHEDULER",
                ForkJoinPool.class);
        ForkJoinPool common = ForkJoinPool.commonPool();
        int before = Runtime.getRuntime().availableProcessors();
        MachineOfTheRestore machine = new MachineOfTheRestore(before);
        PatchedApp.install(machine);
        JdkPatches.beforeCheckpoint();
        machine.processors = before + 2;
        JdkPatches.afterRestore(1, 1);
        expect(before + 1, common.getParallelism());
        expect(before + 2, ((ForkJoinPool) scheduler.get()).getParallelism());
    }

    private static final class MachineOfTheRestore implements Launch {
        private int processors;

        MachineOfTheRestore(int processors) {
            this.processors = processors;
        }

        @Override
        public byte[] environment() {
            return null;
        }

        @Override
        public List<String> arguments() {
            return List.of();
        }

        @Override
        public int processors() {
            return processors;
        }
    }

    /** Classes that the application has no use for are not initialized. */
    static void runUntouched() throws Exception {
        PatchedApp.install();
        JdkPatches.beforeCheckpoint();
        JdkPatches.afterRestore(1, 1);
        for (String name : new String[] {"sun.net.dns.ResolverConfigurationImpl", "sun.security.ssl.SSLSessionContextImpl",
                "jdk.internal.random.L64X128MixRandom", "java.util.TimeZone", "sun.management.RuntimeImpl"}) {
            Class<?> type = Class.forName(name, false, null);
            if (new Initialized().is(type)) {
                throw new AssertionError(name + " is initialized");
            }
        }
    }
}
