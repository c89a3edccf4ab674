// SPDX-License-Identifier: Apache-2.0
package dev.thaw.agent;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Puts {@code jdk.crac} and {@code javax.crac} on the boot loader, where every loader finds them. Not with
 * {@code appendToBootstrapClassLoaderSearch}: that prints a warning and turns off the sharing of the application's
 * classes (Temurin 25).
 */
final class BootApi {
    private static final String FOLDER = "boot/jdk/crac/";
    private static final String TWIN_FOLDER = "boot/javax/crac/";

    /** All of src/boot/java; a class after its supertypes. */
    static final String[] CLASSES = {
        "Resource", "Context", "CheckpointException", "RestoreException", "Core",
        "impl/CheckpointEngine", "impl/CheckpointEngine$Installed", "impl/IdentityReference", "impl/OrderedContext",
        "impl/BlockingOrderedContext",
        "impl/CheckpointOpenResourceException", "impl/CheckpointOpenFileException",
        "impl/CheckpointOpenSocketException",
    };

    /** The same of javax.crac, which refers to jdk.crac. */
    static final String[] TWIN_CLASSES = {
        "Resource", "Context", "CheckpointException", "RestoreException", "RegisteredResource",
        "SharedContext", "Core",
    };

    private BootApi() {}

    static void define(JdkInternals internals, File agentJar) throws IOException {
        try (ZipFile jar = new ZipFile(agentJar)) {
            for (String name : CLASSES) {
                internals.defineOnBootLoader(bytesOf(jar, FOLDER, name));
            }
            for (String name : TWIN_CLASSES) {
                internals.defineOnBootLoader(bytesOf(jar, TWIN_FOLDER, name));
            }
        }
    }

    private static byte[] bytesOf(ZipFile jar, String folder, String name) throws IOException {
        // not +: the first string concatenation of a JVM takes 10 ms
        ZipEntry entry = jar.getEntry(folder.concat(name).concat(".class"));
        if (entry == null) {
            throw new IOException(folder + name + ".class is not in " + jar.getName());
        }
        try (InputStream in = jar.getInputStream(entry)) {
            return in.readAllBytes();
        }
    }
}
