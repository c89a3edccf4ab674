// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.security.ProtectionDomain;

/**
 * Defines classes of ours on the boot loader.
 *
 * <p>Not by appendToBootstrapClassLoaderSearch, which prints a CDS warning and switches application CDS off.
 */
public final class BootClasses {
    private BootClasses() {}

    /**
     * Defines each class from the resource {@code /boot/<name>.class}; one that is defined already is left alone.
     *
     * @param names with dots; a class before those that extend or implement it
     */
    public static synchronized void define(String... names) {
        for (String name : names) {
            if (!isDefined(name)) {
                define(name, read("/boot/" + name.replace('.', '/') + ".class"));
            }
        }
    }

    private static boolean isDefined(String name) {
        try {
            Class.forName(name, false, null);
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    private static byte[] read(String resource) {
        try (InputStream in = BootClasses.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new CoreException(resource + " is missing in thaw.jar: build it again");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void define(String name, byte[] bytes) {
        try {
            MethodHandles.Lookup lookup = JdkAccess.lookup();
            Class<?> unsafe = lookup.findClass("jdk.internal.misc.Unsafe");
            MethodHandle define = lookup.findVirtual(unsafe, "defineClass", MethodType.methodType(Class.class,
                    String.class, byte[].class, int.class, int.class, ClassLoader.class, ProtectionDomain.class));
            Object instance = lookup.findStatic(unsafe, "getUnsafe", MethodType.methodType(unsafe)).invoke();
            Class<?> defined = (Class<?>) define.invoke(instance, name, bytes, 0, bytes.length,
                    (ClassLoader) null, (ProtectionDomain) null);
            if (defined.getClassLoader() != null) {
                throw new CoreException(name + " was not defined on the boot loader");
            }
        } catch (CoreException e) {
            throw e;
        } catch (Throwable e) {
            throw new CoreException("cannot define " + name + " on the boot loader: " + e, e);
        }
    }
}
