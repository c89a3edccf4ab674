// SPDX-License-Identifier: Apache-2.0
package dev.thaw.agent;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.instrument.Instrumentation;
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

    /** All of src/boot/java but those of {@link Management}; a class after its supertypes. */
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

    static void define(JdkInternals internals, File agentJar, Instrumentation instrumentation) throws IOException {
        try (Definer definer = new Definer(internals, agentJar)) {
            for (String name : CLASSES) {
                definer.define(name);
            }
            for (String name : TWIN_CLASSES) {
                definer.define(TWIN_FOLDER, name);
            }
            Management.defineFirst(definer, internals, instrumentation);
        }
    }

    /** Takes them from thaw.jar. */
    static final class Definer implements AutoCloseable {
        private final JdkInternals internals;
        private final ZipFile jar;

        Definer(JdkInternals internals, File agentJar) throws IOException {
            this.internals = internals;
            jar = new ZipFile(agentJar);
        }

        /** @param name with slashes, below jdk/crac */
        Class<?> define(String name) throws IOException {
            return define(FOLDER, name);
        }

        Class<?> define(String folder, String name) throws IOException {
            return internals.defineOnBootLoader(bytesOf(jar, folder, name));
        }

        @Override
        public void close() throws IOException {
            jar.close();
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
