// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.crac;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.thaw.apps.drive.Artefacts;
import dev.thaw.apps.drive.Completed;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.CProgram;
import dev.thaw.apps.harness.JvmUnderTest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.Test;

/** What classes and libraries came from, the JDK holds open: no checkpoint is refused for it, and it is there again. */
class ClassFilesTest extends CracScenario {
    @Test
    void runtimeImageReadersAndNativeLibrariesGoOn() {
        String library = CProgram.library("count_up").toString();
        try (RunningProcess app = ready(jvm().options("--enable-native-access=ALL-UNNAMED",
                "--add-exports=java.base/jdk.internal.jimage=ALL-UNNAMED").start("crac.JdkFiles", library))) {
            assertReads(app, "library 1 2");
            checkpointAndEnd(app);
        }
        try (RunningProcess restored = restore()) {
            assertReads(restored, "library 3 4");
        }
    }

    private static void assertReads(RunningProcess app, String library) {
        app.send("use");
        app.awaitLine("jrt a class file");
        app.awaitLine("image a class file");
        app.awaitLine("resource a class file");
        app.awaitLine(library);
    }

    @Test
    void classPathsOfOddFormsAreCarried() throws IOException {
        Path folder = Files.createDirectories(files.resolve("folder"));
        Path empty = files.resolve("empty.jar");
        pack(empty, new Manifest());
        String apps = Artefacts.TEST_APPS.toString();
        String odd = ":" + folder + "/:" + folder + "/../folder:" + files.resolve("missing.jar") + "::" + empty + ":"
                + files + "/*:" + apps + ":" + apps + ":";
        ProcessBuilder builder = new ProcessBuilder(jvm().classPath(odd).command("crac.Generations"));
        try (RunningProcess app = ready(RunningProcess.start(builder.directory(files.toFile())))) {
            app.send("checkpoint");
            app.mustExit(ThawCommand.CHECKPOINTED);
        }
        try (RunningProcess restored = restore("-Dlazy.number=9")) {
            restored.awaitLine("returned 1");
            restored.send("lazy");
            restored.awaitLine("lazy 9");
        }
    }

    @Test
    void aJarThatPatchesAModuleIsCarried() throws IOException {
        String name = "java.util.logging.PatchedIn";
        Path jar = files.resolve("patch.jar");
        compile(name, "package java.util.logging; public class PatchedIn { public String toString() { return \"patched\"; } }");
        packClasses(jar, new Manifest(), files.resolve("classes"), name);
        try (RunningProcess app = ready(jvm().options("--patch-module=java.logging=" + jar).start("crac.Patched", name))) {
            checkpointAndEnd(app);
        }
        try (RunningProcess restored = restore()) {
            restored.send("use");
            restored.awaitLine("patched in module java.logging of null");
        }
    }

    @Test
    void aJarThatAnotherAgentAppendedToTheBootLoaderIsCarried() throws IOException {
        String name = "by.other.Loaded";
        Path boot = files.resolve("boot.jar");
        compile(name, "package by.other; public class Loaded { public String toString() { return \"loaded\"; } }");
        packClasses(boot, new Manifest(), files.resolve("classes"), name);
        Path agent = files.resolve("agent.jar");
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().putValue("Premain-Class", BootEntryAgent.class.getName());
        pack(agent, manifest, BootEntryAgent.class);
        for (boolean before : new boolean[] {true, false}) {
            assertLoadsAfterTheRestore(before ? JvmUnderTest.withoutAgent().options("-javaagent:" + agent + "=" + boot,
                    "-javaagent:" + Artefacts.AGENT + "=to=" + snapshots.path())
                    : jvm().options("-javaagent:" + agent + "=" + boot), name);
        }
    }

    private void assertLoadsAfterTheRestore(JvmUnderTest jvm, String name) {
        try (RunningProcess app = ready(jvm.start("crac.Patched", name))) {
            checkpointAndEnd(app);
        }
        try (RunningProcess restored = restore()) {
            restored.send("use");
            restored.awaitLine("loaded in unnamed module .* of null");
        }
    }

    private void compile(String name, String source) throws IOException {
        Path file = files.resolve(name + "/" + name.substring(name.lastIndexOf('.') + 1) + ".java");
        Files.createDirectories(file.getParent());
        Files.writeString(file, source);
        Completed javac = Completed.run(Artefacts.JAVA_HOME.resolve("bin/javac").toString(), "-d",
                files.resolve("classes").toString(), "--patch-module", "java.logging=" + file.getParent(), file.toString());
        assertEquals(0, javac.status(), javac.output());
    }

    private static void packClasses(Path jar, Manifest manifest, Path folder, String name) throws IOException {
        String entry = name.replace('.', '/') + ".class";
        try (OutputStream file = Files.newOutputStream(jar); JarOutputStream out = new JarOutputStream(file, manifest)) {
            out.putNextEntry(new JarEntry(entry));
            Files.copy(folder.resolve(entry), out);
        }
    }

    private static void pack(Path jar, Manifest manifest, Class<?>... classes) throws IOException {
        try (OutputStream file = Files.newOutputStream(jar); JarOutputStream out = new JarOutputStream(file, manifest)) {
            for (Class<?> each : classes) {
                String entry = each.getName().replace('.', '/') + ".class";
                out.putNextEntry(new JarEntry(entry));
                try (InputStream in = each.getClassLoader().getResourceAsStream(entry)) {
                    in.transferTo(out);
                }
            }
        }
    }
}
