// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.Http;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.Service;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.harness.Lifecycle;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** All data is there after a restore and after that of a delta, whatever the JVM's memory is made of. */
class CollectorsAndFlagsTest {
    private static final int HEAP_MB = 12;
    private static final int DIRTY_MB = 2;

    private final SnapshotDirectory snapshots = SnapshotDirectory.create();

    @AfterEach
    void delete() {
        snapshots.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "-XX:+UseZGC",
        "-XX:+UseZGC -XX:+UseTransparentHugePages",
        "-XX:+UseShenandoahGC",
        "-XX:+UseShenandoahGC -XX:ShenandoahGCMode=generational",
        "-XX:+UnlockExperimentalVMOptions -XX:+UseEpsilonGC",
        "-XX:+UseG1GC -XX:-UseCompressedOops",
        "-XX:+UseShenandoahGC -XX:-UseCompressedOops",
        "-XX:+UseG1GC -XX:+UseCompactObjectHeaders",
        "-XX:+UseG1GC -XX:+UseStringDeduplication",
        "-XX:+UseG1GC -XX:+AlwaysPreTouch -Xms256m",
        "-XX:+UseG1GC -XX:+UseTransparentHugePages",
        "-XX:+UseG1GC -XX:+UseLargePages",
        "-XX:+UseG1GC -XX:NativeMemoryTracking=detail",
        "-Xshare:off",
        "-Xint",
        "-XX:TieredStopAtLevel=1",
        "-Xss64m",
        "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:{port}",
    })
    void keepsAllDataWith(String flags) {
        keepsAllData(flags);
    }

    /** Trained under the agent: else the JVM refuses the cache, as its module graph has no java.instrument. */
    @Test
    void keepsAllDataWithAnAotCache() {
        String cache = snapshots.path() + "/app.aot";
        try (Service training = Service.start(snapshots.path(), List.of("-XX:AOTCacheOutput=" + cache), HEAP_MB)) {
            training.awaitFirstAnswer();
            training.process().signal("TERM");
            training.process().awaitLine("AOTCache creation is complete: .*");
        }
        keepsAllData("-XX:AOTMode=on -XX:AOTCache=" + cache);
    }

    private void keepsAllData(String flags) {
        List<String> options = new ArrayList<>(List.of("-Xmx512m"));
        options.addAll(List.of(flags.replace("{port}", Integer.toString(Http.freePort())).split(" ")));
        try (Service original = Service.start(snapshots.path(), options, HEAP_MB)) {
            original.awaitFirstAnswer();
            String data = original.verify();
            Lifecycle.checkpoint(original.process());
            String changed;
            try (Service restored = original.restore(snapshots.path())) {
                restored.awaitFirstAnswer();
                assertEquals(data, restored.verify());
                restored.dirty(DIRTY_MB);
                changed = restored.verify();
                assertTrue(Lifecycle.checkpoint(restored.process()).isDelta());
            }
            try (Service restored = original.restore(snapshots.path())) {
                restored.awaitFirstAnswer();
                assertEquals(changed, restored.verify());
                restored.get("/gc");
                assertEquals(changed, restored.verify());
                endsCleanly(restored.process());
            }
        }
    }

    private static void endsCleanly(RunningProcess jvm) {
        Lifecycle.mustEndCleanly(jvm);
        assertEquals(List.of(), jvm.errorOutput());
    }
}
