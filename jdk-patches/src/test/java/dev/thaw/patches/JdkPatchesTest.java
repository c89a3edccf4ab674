// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each in a JVM of its own: a patch stays. */
class JdkPatchesTest {
    @TempDir
    private Path folder;

    @Test
    void everyHandleOfThisProcessReportsTheNewPidInCompiledCodeToo() throws Exception {
        assertPasses("pid");
    }

    @Test
    void generatorsOfTwoClonesPart() throws Exception {
        assertPasses("random");
    }

    @Test
    void withoutTheEngineThePidIsThatOfTheKernel() throws Exception {
        assertPasses("kernel");
    }

    @Test
    void anApplicationWithoutRandomNumbersOpensNoDevice() throws Exception {
        assertPasses("untouched");
    }

    @Test
    void aRestoredServerMakesItsCookiesWithAnotherSecret() throws Exception {
        assertPasses("cookies");
        assertFailsWithout("HelloCookieManager", "cookies");
    }

    @Test
    void nameServersAreReadAgain() throws Exception {
        assertPasses("resolver");
        assertFailsWithout("ResolverConfigurationImpl", "resolver");
    }

    @Test
    void classesThatTheApplicationDoesNotUseStayAsleep() throws Exception {
        assertPasses("unused");
    }

    @Test
    void poolsFollowTheNumberOfProcessors() throws Exception {
        assertPasses("pools");
        assertFailsWithout("ForkJoinPool", "pools");
        assertFailsWithout("VirtualThread", "pools");
    }

    private void assertFailsWithout(String patch, String check) throws Exception {
        PatchedJvm jvm = run(List.of("-Dthaw.patch." + patch + "=off"), check);
        assertEquals(1, jvm.status(), jvm.output());
        assertTrue(jvm.output().contains("AssertionError: expected"), jvm.output());
    }

    @Test
    void eachPatchCanBeSwitchedOff() throws Exception {
        String all = run(List.of(), "names").output();
        List<String> documented = documented();
        assertEquals("[" + String.join(", ", documented) + "]\npassed\n", all);
        for (String name : documented) {
            String others = run(List.of("-Dthaw.patch." + name + "=off"), "names").output();
            assertEquals(all.replaceFirst("(?<=[\\[ ])" + name + "(, |(?=]))", "").replace(", ]", "]"), others);
        }
    }

    /** The first column of the tables in docs/jdk-patches.md. */
    private static List<String> documented() throws IOException {
        Matcher row = Pattern.compile("(?m)^\\| ([A-Z][\\w, ]+) \\| [^|]+ \\| [^|]+ \\| [^|]+ \\| [A-Z]\\w+Test[^|]* \\|$")
                .matcher(Files.readString(Path.of("../docs/jdk-patches.md")));
        return row.results().flatMap(line -> Stream.of(line.group(1).split(", "))).toList();
    }

    /** Both tests would pass without patches if they could not fail. */
    @Test
    void withoutThePatchTheOldPidStays() throws Exception {
        PatchedJvm jvm = run(List.of("-Dthaw.patch.ProcessHandleImpl=off"), "pid");
        assertEquals(1, jvm.status(), jvm.output());
        assertTrue(jvm.output().contains("AssertionError: expected"), jvm.output());
    }

    @Test
    void withoutThePatchesClonesAreAlike() throws Exception {
        for (String patch : List.of("SecureRandom", "NativePRNG", "AbstractDrbg", "Math", "Random")) {
            PatchedJvm jvm = run(List.of("-Dthaw.patch." + patch + "=off"), "random");
            assertEquals(1, jvm.status(), patch + ": " + jvm.output());
        }
    }

    private void assertPasses(String check) throws IOException, InterruptedException {
        PatchedJvm jvm = run(List.of("-Xlog:disable", "-Xlog:all=warning:stderr"), check);
        assertEquals("passed\n", jvm.output());
        assertEquals(0, jvm.status());
    }

    private PatchedJvm run(List<String> options, String check) throws IOException, InterruptedException {
        return PatchedJvm.run(folder, PatchedApp.class, options, check);
    }
}
