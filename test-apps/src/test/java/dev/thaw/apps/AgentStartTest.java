// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.Artefacts;
import dev.thaw.apps.drive.Completed;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.harness.Collector;
import dev.thaw.apps.harness.JvmUnderTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Under the agent an application starts as it does without: silent, from its archive, with little loaded. */
class AgentStartTest {
    @TempDir
    private Path files;

    @ParameterizedTest
    @EnumSource(Collector.class)
    void addsNothingToTheOutput(Collector collector) {
        assertSaysHelloOnly(JvmUnderTest.withAgent(files).options(collector.flag()));
    }

    @Test
    void addsNothingToTheOutputWithoutOptionsAndWithDefaultFlags() {
        assertSaysHelloOnly(JvmUnderTest.withBareAgent());
        assertSaysHelloOnly(JvmUnderTest.withAgent(files, "lazy=off", "prefetch=off"));
        assertSaysHelloOnly(JvmUnderTest.withAgent(files).options("-Xcheck:jni"));
    }

    /** The agent jar's entry is readable for it. */
    @Test
    void aJvmThatIsTooOldSaysSoAndRunsWithoutThaw() {
        String java = JcmdTest.jdk(17).resolve("bin/java").toString();
        Completed run = Completed.run(java, "-javaagent:" + Artefacts.AGENT + "=to=" + files, "-version");
        assertEquals(0, run.status(), run.output());
        assertTrue(run.output().contains("thaw: this is Java 17, Thaw needs JDK 22 or later: the application runs "
                + "without it"), run.output());
        assertTrue(run.output().contains("17."), run.output());
    }

    @Test
    void namesAnUnknownOption() {
        try (RunningProcess app = JvmUnderTest.withAgent(files, "colour=blue").start("Hello")) {
            int status = app.awaitExit();
            assertTrue(String.join("\n", app.output()).contains("colour"), status + ": " + app.output());
        }
    }

    /** Any agent makes the JVM itself complain about a module the archive was made without: that log is off. */
    @Test
    void keepsTheApplicationsArchiveInUse() throws IOException {
        Path archive = files.resolve("app.jsa");
        assertSaysHelloOnly(JvmUnderTest.withoutAgent().options("-XX:ArchiveClassesAtExit=" + archive,
                "-Xlog:disable", "-Xlog:all=off"));
        List<String> loaded = loadedClasses(JvmUnderTest.withAgent(files).options("-XX:SharedArchiveFile=" + archive));
        assertTrue(loaded.stream().anyMatch(line ->
                        line.matches(".*dev\\.thaw\\.apps\\.Hello source: shared objects file \\(top\\).*")),
                loaded.stream().filter(line -> line.contains("dev.thaw.apps.")).toList().toString());
        long ofJdk = loaded.stream().filter(line -> line.contains("source: shared objects file")).count();
        assertTrue(ofJdk > 400, "only " + ofJdk + " classes came from an archive");
    }

    @Test
    void loadsNeitherByteBuddyNorForeignLinkersBeforeTheyAreNeeded() throws IOException {
        List<String> early = loadedClasses(JvmUnderTest.withAgent(files)).stream()
                .filter(line -> line.contains("bytebuddy") || line.contains("jdk.internal.foreign.abi.AbstractLinker")).toList();
        assertEquals(List.of(), early);
    }

    private List<String> loadedClasses(JvmUnderTest jvm) throws IOException {
        Path log = files.resolve("classes.log");
        assertSaysHelloOnly(jvm.options("-Xlog:disable", "-Xlog:class+load:file=" + log + "::filesize=0"));
        return Files.readAllLines(log);
    }

    private static void assertSaysHelloOnly(JvmUnderTest jvm) {
        try (RunningProcess app = jvm.options("-Dhello.status=3").start("Hello", "there")) {
            app.mustExit(3);
            assertEquals(List.of("hello [there]"), app.output());
        }
    }
}
