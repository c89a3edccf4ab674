// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.thaw.apps.drive.Artefacts;
import dev.thaw.apps.drive.Completed;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.harness.CProgram;
import dev.thaw.apps.harness.JvmUnderTest;
import dev.thaw.apps.harness.OtherUser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In a JVM that Thaw does not understand the agent says so in one sentence, and the application runs. */
class UnsupportedJvmTest {
    private static final String WITHOUT = ": the application runs without Thaw";
    private static final String VM_NAME = "OpenJDK 64-Bit Server VM";
    private static final String OTHER_NAME = "Another 64-Bit Server VM";

    @TempDir
    private Path files;

    /** Core of jdk.crac is on the boot loader, as in such a JDK, and has nothing of ours. */
    @Test
    void aJdkWithItsOwnCracIsLeftToIt() throws IOException {
        Path source = Files.writeString(files.resolve("Core.java"), "package jdk.crac; public class Core { }");
        assertEquals(0, ToolProvider.getSystemJavaCompiler().run(null, null, null, "-d", files.toString(),
                source.toString()));
        assertSays("thaw: this JVM has a jdk.crac of its own",
                JvmUnderTest.withAgent(files.resolve("snapshots")).options("-Xshare:off", "-Xbootclasspath/a:" + files));
    }

    /** A copy of this JDK whose libjvm.so has another name in it. */
    @Test
    void aJvmThatIsNotHotSpotIsLeftAlone() throws IOException {
        Path home = Files.createTempDirectory("thaw-other-jdk-"); // of links, about which JUnit's folder would warn
        try {
            copyThisJdk(home);
            assertSays("thaw: this JVM is " + OTHER_NAME + ", Thaw needs HotSpot",
                    JvmUnderTest.withAgent(files.resolve("snapshots")).options("-Xshare:off").javaHome(home));
        } finally {
            SnapshotDirectory.deleteTree(home);
        }
    }

    /** What the agent looks for: musl's loader is installed, and is mapped here. */
    @Test
    void aJvmForMuslIsLeftAlone() throws IOException {
        assumeTrue(OtherUser.isRoot(), "mounts need root");
        Path loader = Files.copy(CProgram.library("without_userfaultfd"), files.resolve("ld-musl-x86_64.so.1"));
        String line = "mount -t tmpfs none '%s' && mkdir '%1$s/u' '%1$s/w' && mount -t overlay none -o "
                + "lowerdir=/usr/lib,upperdir='%1$s/u',workdir='%1$s/w' /usr/lib && touch /lib/ld-musl-x86_64.so.1 && "
                + "LD_PRELOAD='%s' exec \"$@\"";
        Path mount = Files.createDirectory(files.resolve("mount"));
        List<String> inside = new ArrayList<>(List.of("unshare", "--mount", "sh", "-c", line.formatted(mount, loader), "sh"));
        Completed probe = Completed.run(Stream.concat(inside.stream(), Stream.of("true")).toList());
        assumeTrue(probe.status() == 0, "no overlay of /usr/lib here: " + probe.output());
        assertSays("thaw: this JVM is built for musl, Thaw needs one for glibc",
                JvmUnderTest.withAgent(files.resolve("snapshots")).prefix(inside));
    }

    private static void assertSays(String sentence, JvmUnderTest jvm) {
        Completed run = Completed.run(jvm.command("Hello"));
        assertEquals(Set.of(sentence + WITHOUT, "hello []"), Set.copyOf(run.output().lines().toList()), run.output());
        assertEquals(0, run.status());
    }

    private static void copyThisJdk(Path home) throws IOException {
        link(Artefacts.JAVA_HOME, home, List.of("bin", "lib"));
        link(Artefacts.JAVA_HOME.resolve("bin"), Files.createDirectory(home.resolve("bin")), List.of("java"));
        link(Artefacts.JAVA_HOME.resolve("lib"), Files.createDirectory(home.resolve("lib")), List.of("server"));
        Files.copy(Artefacts.JAVA_HOME.resolve("bin/java"), home.resolve("bin/java"));
        Path server = Files.createDirectory(home.resolve("lib/server"));
        String library = Files.readString(Artefacts.JAVA_HOME.resolve("lib/server/libjvm.so"), StandardCharsets.ISO_8859_1);
        Files.writeString(server.resolve("libjvm.so"), library.replace(VM_NAME, OTHER_NAME), StandardCharsets.ISO_8859_1);
    }

    private static void link(Path from, Path to, List<String> without) throws IOException {
        try (Stream<Path> entries = Files.list(from)) {
            for (Path entry : entries.filter(each -> !without.contains(each.getFileName().toString())).toList()) {
                Files.createSymbolicLink(to.resolve(entry.getFileName()), entry);
            }
        }
    }
}
