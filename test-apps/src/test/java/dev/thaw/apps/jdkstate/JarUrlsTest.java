// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.jdkstate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.Completed;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.ThawCommand;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jars that the JDK keeps open for jar: URLs are carried like any other file that is read. */
class JarUrlsTest {
    @TempDir
    private Path folder;

    @Test
    void entriesAreReadBeforeAndAfter() throws IOException {
        Path opened = jar("opened.jar", "one", "two");
        Path fresh = jar("fresh.jar", "one", "two");
        try (Clones clones = ready(opened)) {
            clones.checkpoint();
            jar("fresh.jar", "three", "four");
            try (RunningProcess restored = clones.restore()) {
                Clones.ask(restored, read(opened, "a"), "read one");
                Clones.ask(restored, read(opened, "b"), "read two");
                Clones.ask(restored, read(fresh, "a"), "read three");
            }
        }
    }

    @Test
    void anOpenJarThatWasReplacedIsRefusedByName() throws IOException {
        Path opened = jar("opened.jar", "one", "two");
        try (Clones clones = ready(opened)) {
            clones.checkpoint();
            jar("opened.jar", "three", "four and more");
            Completed restore = ThawCommand.run("restore", clones.snapshots().path().toString());
            assertEquals(ThawCommand.REFUSED, restore.status(), restore.output());
            assertTrue(restore.output().contains(opened.toString()), restore.output());
        }
    }

    private Clones ready(Path jar) {
        Clones clones = new Clones(null, "JarUrls");
        clones.original().awaitLine("ready");
        clones.ask(read(jar, "a"), "read one");
        return clones;
    }

    private static String read(Path jar, String entry) {
        return "read jar:" + jar.toUri() + "!/" + entry;
    }

    private Path jar(String name, String a, String b) throws IOException {
        Path file = folder.resolve(name);
        try (OutputStream out = Files.newOutputStream(file); JarOutputStream jar = new JarOutputStream(out)) {
            jar.putNextEntry(new JarEntry("a"));
            jar.write(a.getBytes());
            jar.putNextEntry(new JarEntry("b"));
            jar.write(b.getBytes());
        }
        return file;
    }
}
