// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarInputStream;
import org.junit.jupiter.api.Test;

/** What `mvn package` leaves for users: thaw.jar holds nothing that could meet a class of the application's. */
class AgentJarTest {
    private static final Path AGENT = Path.of(System.getProperty("thaw.jar"));

    @Test
    void pathsAreAbsoluteAndExist() {
        for (String key : List.of("thaw.jar", "thaw.exe", "testapps.jar")) {
            Path path = Path.of(System.getProperty(key));
            assertTrue(path.isAbsolute() && Files.isRegularFile(path), key + "=" + path);
            assertEquals(path.normalize(), path);
        }
        assertTrue(Files.isExecutable(Path.of(System.getProperty("thaw.exe"))));
    }

    @Test
    void theManifestNamesTheAgentAndTheTools() throws IOException {
        try (JarFile jar = new JarFile(AGENT.toFile())) {
            Attributes manifest = jar.getManifest().getMainAttributes();
            assertEquals("dev.thaw.agent.Premain", manifest.getValue("Premain-Class"));
            assertEquals("dev.thaw.agent.Premain", manifest.getValue("Agent-Class"));
            assertEquals("true", manifest.getValue("Can-Redefine-Classes"));
            assertEquals("true", manifest.getValue("Can-Retransform-Classes"));
            assertEquals("dev.thaw.tools.Main", manifest.getValue("Main-Class"));
        }
    }

    /** So that an older JVM can say that it is too old. */
    @Test
    void theEntryClassIsJava11s() throws IOException {
        try (JarFile jar = new JarFile(AGENT.toFile())) {
            byte[] entry = jar.getInputStream(jar.getJarEntry("dev/thaw/agent/Premain.class")).readAllBytes();
            assertEquals(55, entry[7], "class file version");
        }
    }

    @Test
    void carriesTheNativePartsByteForByte() throws IOException {
        Path built = Path.of(System.getProperty("thaw.exe")).getParent();
        try (JarFile jar = new JarFile(AGENT.toFile())) {
            for (String name : List.of("thaw", "libthaw.so")) {
                JarEntry entry = jar.getJarEntry("native/linux-x86_64/" + name);
                assertNotNull(entry, name);
                assertEquals(-1, Files.mismatch(built.resolve(name), copyOf(jar, entry)), name);
            }
        }
    }

    @Test
    void eachEntryIsThereOnceAndInAPlaceOfOurs() throws IOException {
        Set<String> seen = new HashSet<>();
        try (JarInputStream jar = new JarInputStream(Files.newInputStream(AGENT))) {
            for (JarEntry entry = jar.getNextJarEntry(); entry != null; entry = jar.getNextJarEntry()) {
                String name = entry.getName();
                assertTrue(seen.add(name), "twice: " + name);
                assertFalse(name.endsWith("module-info.class") || name.startsWith("META-INF/versions/"), name);
                boolean ours = name.startsWith("dev/thaw/") || name.startsWith("boot/jdk/crac/")
                        || name.startsWith("boot/javax/crac/") || name.startsWith("boot/dev/thaw/patches/boot/");
                assertTrue(ours || !name.endsWith(".class"), "a class outside our packages: " + name);
            }
        }
        assertTrue(seen.stream().anyMatch(name -> name.startsWith("boot/jdk/crac/")), "no jdk.crac under boot/");
    }

    @Test
    void holdsNothingButOursTheRelocatedByteBuddyAndTheNativeParts() throws IOException {
        List<String> allowed = List.of("META-INF/MANIFEST.MF", "META-INF/LICENSE", "META-INF/NOTICE",
                "META-INF/licenses/", "dev/thaw/", "boot/jdk/crac/", "boot/javax/crac/",
                "boot/dev/thaw/patches/boot/", "native/linux-x86_64/thaw", "native/linux-x86_64/libthaw.so");
        try (JarFile jar = new JarFile(AGENT.toFile())) {
            List<String> others = jar.stream().filter(entry -> !entry.isDirectory()).map(JarEntry::getName)
                    .filter(name -> allowed.stream().noneMatch(name::startsWith)).toList();
            assertEquals(List.of(), others);
        }
    }

    private static Path copyOf(JarFile jar, JarEntry entry) throws IOException {
        Path copy = Files.createTempFile("entry", null);
        copy.toFile().deleteOnExit();
        Files.write(copy, jar.getInputStream(entry).readAllBytes());
        return copy;
    }
}
