// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

import java.lang.instrument.Instrumentation;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The way into the JDK's own classes, without a word on stdout or stderr.
 *
 * <p>JEP 472: calls of restricted methods from an unnamed module print a warning, or throw under
 * {@code --illegal-native-access=deny}, and the permission can only be given to all unnamed modules, the
 * application's too. So it is not given: {@link Foreign} calls them as java.base, which has it.
 */
public final class JdkAccess {
    private static final List<String> BASE_PACKAGES = List.of(
            "java.io", "java.lang", "java.lang.invoke", "java.lang.ref", "java.net", "java.nio", "java.security",
            "java.util", "java.util.concurrent", "jdk.internal.access", "jdk.internal.misc", "jdk.internal.ref",
            "sun.nio.ch", "sun.nio.fs", "sun.security.provider");
    private static final Map<String, List<String>> PACKAGES = Map.of(
            "java.base", BASE_PACKAGES,
            "java.management", List.of("sun.management"));

    private JdkAccess() {}

    /** Opens them to the module of {@code user}; to be called before any other class of ours is used. */
    public static void openTo(Instrumentation instrumentation, Class<?> user) {
        PACKAGES.forEach((module, packages) -> ModuleLayer.boot().findModule(module)
                .ifPresent(found -> open(instrumentation, found, packages, user.getModule())));
    }

    private static void open(Instrumentation instrumentation, Module module, List<String> packages, Module user) {
        Map<String, Set<Module>> opens = packages.stream()
                .filter(module.getPackages()::contains)
                .collect(Collectors.toMap(name -> name, name -> Set.of(user)));
        instrumentation.redefineModule(module, Set.of(), Map.of(), opens, Set.of(), Map.of());
    }

    /** Lets {@code module} of the JDK read another, such as the boot loader's unnamed one. */
    public static void addReads(Instrumentation instrumentation, Module module, Module read) {
        instrumentation.redefineModule(module, Set.of(read), Map.of(), Map.of(), Set.of(), Map.of());
    }

    /**
     * A lookup to which nothing is private.
     *
     * @throws CoreException if {@link #openTo} was not called
     */
    public static MethodHandles.Lookup lookup() {
        return Trusted.LOOKUP;
    }

    /** A lookup whose handles call as a class of java.base, or, before {@link #openTo}, as this one. */
    static MethodHandles.Lookup restrictedCaller() {
        if (!MethodHandles.class.getModule().isOpen("java.lang.invoke", JdkAccess.class.getModule())) {
            return MethodHandles.lookup();
        }
        try {
            // JDK 22-25: the constructor with full privileges; a trusted lookup itself would not bind a caller.
            return (MethodHandles.Lookup) lookup().findConstructor(MethodHandles.Lookup.class,
                    MethodType.methodType(void.class, Class.class)).invoke(Object.class);
        } catch (Throwable e) {
            throw new CoreException("java.lang.invoke.MethodHandles.Lookup is not as in JDK 22-25: " + e, e);
        }
    }

    private static final class Trusted {
        static final MethodHandles.Lookup LOOKUP = find();

        private static MethodHandles.Lookup find() {
            try {
                Field field = MethodHandles.Lookup.class.getDeclaredField("IMPL_LOOKUP");
                field.setAccessible(true);
                return (MethodHandles.Lookup) field.get(null);
            } catch (ReflectiveOperationException | InaccessibleObjectException e) {
                throw new CoreException("the JDK's packages are not open to Thaw: " + e.getMessage(), e);
            }
        }
    }
}
