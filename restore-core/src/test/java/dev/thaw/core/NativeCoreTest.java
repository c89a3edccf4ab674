// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** In JVMs of their own, whose stdout and stderr must have nothing but the program's own line. */
class NativeCoreTest {
    private static final List<String> NONE = List.of();

    @TempDir
    private Path folder;

    @Test
    void callsForeignFunctionsWithoutAWarningAndWithoutAllowingTheApplicationTo() throws Exception {
        assertPasses(NONE, "foreign");
        assertPasses(List.of("--illegal-native-access=deny"), "foreign");
    }

    @Test
    void withoutTheJdkOpenedThereIsAWarning() throws Exception {
        String output = AgentJvm.run(folder, CoreApp.class, NONE, "closed").output();
        assertTrue(output.contains("WARNING: A restricted method"), output);
    }

    @Test
    void definesClassesOnTheBootLoader() throws Exception {
        Path boot = Files.createDirectories(folder.resolve("classes/boot/dev/thaw/core"));
        try (InputStream file = OnBootLoader.class.getResourceAsStream("OnBootLoader.class")) {
            Files.copy(file, boot.resolve("OnBootLoader.class"));
        }
        assertPasses(NONE, "boot");
    }

    @ParameterizedTest
    @ValueSource(strings = {"SerialGC", "ParallelGC", "G1GC", "ZGC", "ShenandoahGC"})
    void opensTheEngineWithEachCollectorAndLeavesNothingBehind(String collector) throws Exception {
        Path temporary = Files.createDirectories(folder.resolve("tmp"));
        assertPasses(List.of("-XX:+Use" + collector, "-Djava.io.tmpdir=" + temporary), "core");
        try (Stream<Path> files = Files.list(temporary)) {
            assertEquals(List.of(), files.toList());
        }
    }

    @Test
    void saysWhereTheLibraryCouldNotBeUnpacked() throws Exception {
        AgentJvm jvm = AgentJvm.run(folder, CoreApp.class,
                List.of("-Djava.io.tmpdir=" + folder.resolve("missing")), "core");
        assertEquals(1, jvm.status());
        assertTrue(jvm.output().contains("cannot load libthaw.so from " + folder.resolve("missing"))
                && jvm.output().contains("-Djava.io.tmpdir="), jvm.output());
    }

    @Test
    void splitsTheArgumentsOfTheRestore() {
        assertEquals(List.of("-Da=b c", "", "--", "Main"), NativeCore.split("-Da=b c\0\0--\0Main\0".getBytes(StandardCharsets.US_ASCII)));
        assertEquals(List.of("--", "Main"), NativeCore.split("--\0Main".getBytes(StandardCharsets.US_ASCII)));
        assertEquals(List.of(), NativeCore.split(new byte[0]));
    }

    private void assertPasses(List<String> options, String check) throws IOException, InterruptedException {
        AgentJvm jvm = AgentJvm.run(folder, CoreApp.class, options, check);
        assertEquals("passed\n", jvm.output());
        assertEquals(0, jvm.status());
    }
}
