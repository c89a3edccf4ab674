// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.crac;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.thaw.apps.drive.Artefacts;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.ThawCommand;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** org.crac as released finds the API under each of its names, and an application notices no difference. */
class OrgCracVersionsTest extends CracScenario {
    private static final Path JARS = Artefacts.TEST_APPS.resolveSibling("org.crac");

    @ParameterizedTest
    @CsvSource({"1.4.0, ''", "1.5.0, ''", "1.4.0, jdk.crac", "1.5.0, jdk.crac", "1.5.0, javax.crac"})
    void eachReleaseIsServedUnderEachName(String version, String name) {
        Path jar = JARS.resolve("crac-" + version + ".jar");
        try (RunningProcess app = ready(jvm().options(name.isEmpty() ? "-Dunset=" : "-Dorg.crac.Core.Compat=" + name)
                .classPath(jar + ":" + Artefacts.TEST_APPS)
                .start("CracResources", "one", "two:failing-restore"))) {
            app.send("where");
            app.awaitLine("org.crac is in file:" + jar);
            app.send("checkpoint");
            app.mustExit(ThawCommand.CHECKPOINTED);
            assertEquals(List.of("beforeCheckpoint two", "beforeCheckpoint one"), app.output().subList(2, 4));
        }
        try (RunningProcess restored = restore()) {
            restored.awaitLine("afterRestore one");
            restored.awaitLine("afterRestore two");
            restored.awaitLine("suppressed java.io.IOException: two refuses the restore");
            restored.awaitLine("caught RestoreException with 1 suppressed");
            restored.send("checkpoint");
            restored.mustExit(ThawCommand.CHECKPOINTED);
        }
    }
}
