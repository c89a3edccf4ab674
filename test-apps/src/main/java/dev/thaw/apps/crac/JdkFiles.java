// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.crac;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Files that the JDK holds open for an application: lib/modules by a jrt: file system of its own and by an image reader, and
 * a native library with a state.
 *
 * <p>{@code JdkFiles LIBRARY}; command {@code use}. Needs {@code --add-exports java.base/jdk.internal.jimage=ALL-UNNAMED}.
 */
public final class JdkFiles {
    private static final Path HOME = Path.of(System.getProperty("java.home"));

    private JdkFiles() {}

    @SuppressWarnings("restricted")
    public static void main(String[] args) throws Throwable {
        FileSystem jrt = FileSystems.newFileSystem(URI.create("jrt:/"), Map.of("java.home", HOME.toString()));
        Class<?> reader = Class.forName("jdk.internal.jimage.BasicImageReader");
        Object image = reader.getMethod("open", Path.class).invoke(null, HOME.resolve("lib/modules"));
        System.load(args[0]);
        MethodHandle count = Linker.nativeLinker().downcallHandle(SymbolLookup.loaderLookup().find("count_up").orElseThrow(),
                FunctionDescriptor.of(ValueLayout.JAVA_INT));
        MethodHandle alsoCount = Linker.nativeLinker().downcallHandle(
                SymbolLookup.libraryLookup(Path.of(args[0]), Arena.global()).find("count_up").orElseThrow(),
                FunctionDescriptor.of(ValueLayout.JAVA_INT));
        Commands.readAll((command, value) -> {
            System.out.println("jrt " + classFileBytes(jrt));
            System.out.println("image " + classFile(
                    (byte[]) reader.getMethod("getResource", String.class).invoke(image, "/java.base/java/lang/Object.class")));
            System.out.println("resource " + classFile(resource("/java/util/concurrent/Phaser.class")));
            System.out.println("library " + call(count) + " " + call(alsoCount));
        });
    }

    private static String classFileBytes(FileSystem jrt) throws IOException {
        return classFile(Files.readAllBytes(jrt.getPath("modules/java.sql/java/sql/Driver.class")));
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = Object.class.getResourceAsStream(name)) {
            return in.readAllBytes();
        }
    }

    private static String classFile(byte[] bytes) {
        return bytes[0] == (byte) 0xca && bytes[1] == (byte) 0xfe ? "a class file" : "something else";
    }

    private static int call(MethodHandle function) {
        try {
            return (int) function.invokeExact();
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
