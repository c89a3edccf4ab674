// SPDX-License-Identifier: Apache-2.0
package dev.thaw.forked;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;

/** An agent of this module's classes: thaw.jar is packaged only after the tests. */
public final class AgentJar {
    private AgentJar() {}

    public static Path create(Path folder) throws IOException {
        Path jar = folder.resolve("thaw.jar");
        Manifest manifest = new Manifest();
        Attributes attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.putValue("Premain-Class", "dev.thaw.agent.Premain");
        attributes.putValue("Agent-Class", "dev.thaw.agent.Premain");
        attributes.putValue("Can-Redefine-Classes", "true");
        attributes.putValue("Can-Retransform-Classes", "true");
        Set<String> names = new HashSet<>();
        try (OutputStream file = Files.newOutputStream(jar); JarOutputStream out = new JarOutputStream(file, manifest)) {
            for (String element : System.getProperty("java.class.path").split(File.pathSeparator)) {
                addElement(Path.of(element), out, names);
            }
        }
        return jar;
    }

    private static void addElement(Path element, JarOutputStream out, Set<String> names) throws IOException {
        if (Files.isDirectory(element)) {
            addFolder(element, out, names);
        } else if (element.toString().endsWith(".jar")) {
            try (FileSystem content = FileSystems.newFileSystem(element)) {
                addFolder(content.getPath("/"), out, names);
            }
        }
    }

    private static void addFolder(Path root, JarOutputStream out, Set<String> names) throws IOException {
        for (String top : new String[] {"dev/thaw", "boot", "native"}) {
            Path folder = root.resolve(top);
            if (Files.isDirectory(folder)) {
                try (Stream<Path> files = Files.walk(folder)) {
                    for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                        add(file, root.relativize(file).toString(), out, names);
                    }
                }
            }
        }
    }

    private static void add(Path file, String name, JarOutputStream out, Set<String> names) throws IOException {
        if (names.add(name)) {
            out.putNextEntry(new JarEntry(name));
            Files.copy(file, out);
        }
    }
}
