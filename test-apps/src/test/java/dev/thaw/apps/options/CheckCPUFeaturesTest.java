// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.Completed;
import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.JvmUnderTest;
import dev.thaw.apps.harness.MetaFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** `thaw restore --cpu-features=compatible|exact|skip`, with snapshots that say they come from other CPUs. */
class CheckCPUFeaturesTest {
    private static final String LACKS = "thaw: this CPU lacks a feature that the checkpointed JVM uses: ";
    private static final String MORE = "thaw: this CPU has features that the checkpointed JVM's had not, and "
            + "--cpu-features=exact is given";
    /** CPUID 1 ECX, bit 0: SSE3, which every CPU has that runs the tests. */
    private static final int SSE3 = 1;

    private final SnapshotDirectory snapshots = SnapshotDirectory.create();
    private MetaFile meta;

    @BeforeEach
    void checkpoint() {
        try (RunningProcess app = JvmUnderTest.withAgent(snapshots.path()).options("-Xmx64m", "-XX:+UseSerialGC")
                .start("options.Asking")) {
            app.awaitLine("ready");
            Jcmd.ofThisJdk().checkpoint(app);
            app.mustExit(ThawCommand.CHECKPOINTED);
        }
        meta = MetaFile.read(snapshots.meta(1));
    }

    @AfterEach
    void delete() {
        snapshots.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"compatible", "exact", "skip"})
    void theSameCpuIsAlwaysRight(String check) {
        restores("--cpu-features=" + check);
    }

    @Test
    void aRicherCpuIsRefusedOnlyByExact() {
        meta.set("cpu.leaf1_ecx", meta.get("cpu.leaf1_ecx") & ~SSE3).seal();
        assertEquals("", restores());
        assertEquals("", restores("--cpu-features", "compatible"));
        assertEquals("", restores("--cpu-features", "skip"));
        refuses(MORE, "--cpu-features=exact");
        refuses(MORE, "-Dthaw.cpu-features=exact");
    }

    @Test
    void aPoorerCpuIsRefusedUnlessTheCheckIsSkipped() {
        meta.set("cpu.leaf7_ebx", -1).seal();
        refuses(LACKS + "CPUID 7 EBX (AVX2, BMI, AVX-512)");
        refuses(LACKS + "CPUID 7 EBX (AVX2, BMI, AVX-512)", "--cpu-features=exact");
        assertEquals(LACKS + "CPUID 7 EBX (AVX2, BMI, AVX-512); --cpu-features=skip restores all the same", restores("--cpu-features=skip"));
    }

    /** It is in every thread's signal frame: there is nothing to skip. */
    @Test
    void anotherLayoutOfRegistersIsAlwaysRefused() {
        meta.set("cpu.xsave_bytes", meta.get("cpu.xsave_bytes") + 64).seal();
        refuses(LACKS + "the layout of saved vector registers (XCR0)", "--cpu-features=skip");
    }

    @Test
    void anotherWordIsNotUnderstood() {
        Completed refused = ThawCommand.run("restore", snapshots.path().toString(), "--cpu-features=most");
        assertEquals("thaw: --cpu-features is compatible, exact or skip, and not most", refused.output());
        assertEquals(2, refused.status());
    }

    private void refuses(String sentence, String... options) {
        Completed refused = ThawCommand.run(with(options));
        assertEquals(ThawCommand.REFUSED, refused.status(), refused.output());
        assertEquals(sentence, refused.output());
    }

    private String[] with(String... options) {
        String[] all = new String[options.length + 2];
        all[0] = "restore";
        all[1] = snapshots.path().toString();
        System.arraycopy(options, 0, all, 2, options.length);
        return all;
    }

    /** What it says on stderr. */
    private String restores(String... options) {
        try (RunningProcess restored = ThawCommand.restore(snapshots.path(), options)) {
            restored.send("get none");
            restored.awaitLine("property null");
            restored.send("end");
            restored.mustExit(0);
            assertTrue(restored.errorOutput().size() <= 1, restored.errorOutput().toString());
            return String.join("\n", restored.errorOutput());
        }
    }
}
