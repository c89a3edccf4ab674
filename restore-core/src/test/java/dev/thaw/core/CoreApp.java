// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.ValueLayout;
import java.lang.instrument.Instrumentation;
import java.nio.file.Path;
import java.util.List;

/** Opens the JDK and the engine as the agent does. */
public final class CoreApp {
    private static Instrumentation instrumentation;

    private CoreApp() {}

    public static void premain(String options, Instrumentation given) {
        instrumentation = given;
    }

    public static void main(String[] arguments) throws Throwable {
        if (!arguments[0].equals("closed")) {
            JdkAccess.openTo(instrumentation, CoreApp.class);
        }
        switch (arguments[0]) {
            case "foreign", "closed" -> callForeign();
            case "boot" -> defineOnBootLoader();
            case "core" -> useCore();
            default -> throw new IllegalArgumentException(arguments[0]);
        }
        System.out.println("passed");
    }

    private static void callForeign() throws Throwable {
        int pid = (int) Foreign.downcall(Foreign.libc("getpid").orElseThrow(),
                FunctionDescriptor.of(ValueLayout.JAVA_INT)).invokeExact();
        expect(ProcessHandle.current().pid() == pid, "pid " + pid);
        expect(!CoreApp.class.getModule().isNativeAccessEnabled(), "native access was given to the application");
        expect(Object.class.getModule().isOpen("java.lang", CoreApp.class.getModule()), "java.lang is not open");
    }

    private static void defineOnBootLoader() throws Throwable {
        String name = CoreApp.class.getPackageName() + ".OnBootLoader";
        for (int i = 0; i < 2; i++) {
            BootClasses.define(name);
        }
        Class<?> defined = Class.forName(name, false, null);
        expect(defined.getClassLoader() == null, "loader " + defined.getClassLoader());
        try {
            BootClasses.define("dev.thaw.core.Missing");
            throw new AssertionError("defined a class that is not there");
        } catch (CoreException e) {
            expect(e.getMessage().contains("/boot/dev/thaw/core/Missing.class is missing"), e.getMessage());
        }
    }

    private static void useCore() {
        NativeCore core = NativeCore.open(new CoreOptions(true, true, Path.of("thaw.jar")));
        CoreStatus status = core.status();
        expect(!status.restored() && status.parent().isEmpty() && status.faults().count() == 0, status.toText());
        expect(core.restoreArguments().equals(List.of()), "arguments " + core.restoreArguments());
        expect(core.nextKind(Path.of("/tmp")) == FullReason.FIRST, "next is " + core.nextKind(Path.of("/tmp")));
        core.loadAll();
        core.signalSelf(0);
    }

    private static void expect(boolean holds, String text) {
        if (!holds) {
            throw new AssertionError(text);
        }
    }
}
