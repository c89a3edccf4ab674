// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import dev.thaw.core.JdkAccess;
import dev.thaw.core.ProcessIdentity;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.instrument.Instrumentation;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Objects;

/** Patches the JDK, and lets it believe that it was restored with the pid of its child process. */
public final class PatchedApp {
    private static final int ROUNDS = 300_000;
    /** {@code struct thaw_identity}: restores, pid, salt. */
    private static final MemorySegment IDENTITY = Arena.global().allocate(3 * Long.BYTES, Long.BYTES);
    private static Instrumentation instrumentation;

    private PatchedApp() {}

    public static void premain(String options, Instrumentation given) {
        instrumentation = given;
    }

    public static void main(String[] arguments) throws Throwable {
        JdkAccess.openTo(instrumentation, PatchedApp.class);
        switch (arguments[0]) {
            case "pid" -> checkPid();
            case "random" -> RandomChecks.run();
            case "untouched" -> RandomChecks.runUntouched();
            case "cookies" -> StateChecks.runCookies();
            case "resolver" -> StateChecks.runResolver();
            case "unused" -> StateChecks.runUntouched();
            case "pools" -> StateChecks.runPools();
            case "kernel" -> checkKernel();
            case "names" -> System.out.println(JdkPatches.install(instrumentation).stream().map(Patch::name).toList());
            case "time" -> time();
            default -> throw new IllegalArgumentException(arguments[0]);
        }
        System.out.println("passed");
    }

    private static void checkPid() throws Exception {
        long old = ProcessHandle.current().pid();
        for (int i = 0; i < 20; i++) {
            expect(old, hotPid());
        }
        ProcessHandle cached = ProcessHandle.current();
        ProcessHandle looked = ProcessHandle.of(old).orElseThrow();
        install();
        expect(List.copyOf(install()), install());
        expect(old, ProcessHandle.current().pid());
        Process child = new ProcessBuilder("sleep", "1000").start();
        try {
            restore(child.pid());
            expect(child.pid(), hotPid());
            JdkPatches.afterRestore(old, child.pid());
            checkRestored(old, child.pid(), List.of(cached, looked, ProcessHandle.current()));
            restore(old);
            JdkPatches.afterRestore(child.pid(), old);
            expect(old, hotPid());
            expect(true, looked.isAlive());
        } finally {
            child.destroyForcibly();
        }
    }

    static List<Patch> install() {
        return install(Launch.none());
    }

    static List<Patch> install(Launch launch) {
        if (IDENTITY.get(ValueLayout.JAVA_LONG, 8) == 0) {
            IDENTITY.set(ValueLayout.JAVA_LONG, 8, ProcessHandle.current().pid());
        }
        return JdkPatches.install(instrumentation, ProcessIdentity.ofEngine(IDENTITY), launch);
    }

    /** What the engine does before the first thread runs. */
    static void restore(long pid) {
        IDENTITY.set(ValueLayout.JAVA_LONG, 0, IDENTITY.get(ValueLayout.JAVA_LONG, 0) + 1);
        IDENTITY.set(ValueLayout.JAVA_LONG, 8, pid);
    }

    /** Without the engine's word: the pid is the kernel's at any time, a restore is one that we are told of. */
    private static void checkKernel() {
        long pid = ProcessHandle.current().pid();
        ProcessIdentity identity = ProcessIdentity.ofKernel();
        JdkPatches.install(instrumentation, identity, Launch.none());
        expect(pid, ProcessHandle.current().pid());
        expect(pid, hotPid());
        expect(0L, identity.restores());
        JdkPatches.afterRestore(pid, pid);
        expect(1L, identity.restores());
        expect(true, ProcessHandle.current().isAlive());
    }

    private static void checkRestored(long old, long now, List<ProcessHandle> handles) {
        for (int i = 0; i < 20; i++) {
            expect(now, hotPid());
        }
        ProcessHandle found = ProcessHandle.of(now).orElseThrow();
        for (ProcessHandle handle : handles) {
            expect(now, handle.pid());
            expect(Long.toString(now), handle.toString());
            expect(Long.hashCode(now), handle.hashCode());
            expect(found, handle);
            expect(0, handle.compareTo(found));
            expect(true, handle.isAlive());
            expect(found.info().startInstant(), handle.info().startInstant());
            expect(true, handle.info().command().orElse("").contains("sleep"));
            expect(old, handle.parent().orElseThrow().pid());
        }
        ProcessHandle other = ProcessHandle.of(old).orElseThrow();
        expect(old, other.pid());
        expect(false, other.equals(ProcessHandle.current()));
        expect(true, other.children().anyMatch(handle -> handle.equals(ProcessHandle.current())));
        expect(now, ManagementFactory.getRuntimeMXBean().getPid());
    }

    /** Compiled, with the handle's fields folded. */
    private static long hotPid() {
        long first = ProcessHandle.current().pid();
        for (int i = 0; i < ROUNDS; i++) {
            if (ProcessHandle.current().pid() != first) {
                return -1;
            }
        }
        return first;
    }

    private static void time() {
        long start = System.nanoTime();
        JdkPatches.install(instrumentation);
        long installed = System.nanoTime();
        JdkPatches.afterRestore(1, 1);
        long refreshed = System.nanoTime();
        System.out.printf("install %d us, afterRestore %d us%n", (installed - start) / 1000,
                (refreshed - installed) / 1000);
    }

    static void expect(Object expected, Object actual) {
        if (!Objects.equals(expected, actual)) {
            throw new AssertionError("expected " + expected + ", but was " + actual);
        }
    }
}
