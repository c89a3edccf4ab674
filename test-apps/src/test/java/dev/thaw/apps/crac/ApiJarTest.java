// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.crac;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.thaw.apps.drive.Artefacts;
import dev.thaw.apps.drive.Completed;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.JvmUnderTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An application is compiled against thaw-crac-api.jar with nothing but javac, and runs with the agent or without. */
class ApiJarTest extends CracScenario {
    private static final Path API = Artefacts.AGENT.resolveSibling("thaw-crac-api.jar");
    private static final String SOURCE = """
            import %1$s.*;
            public class App implements Resource {
                public void beforeCheckpoint(Context<? extends Resource> context) {
                    System.out.println("before");
                }
                public void afterRestore(Context<? extends Resource> context) {
                    System.out.println("after");
                }
                public static void main(String[] args) throws Exception {
                    App app = new App();
                    Core.getGlobalContext().register(app);
                    try {
                        Core.checkpointRestore();
                        System.out.println("returned, " + Core.class.getClassLoader() + app.hashCode() * 0);
                    } catch (CheckpointException e) {
                        System.out.println("refused " + e.getSuppressed()[0].getMessage());
                    } catch (RestoreException e) {
                        throw e;
                    }
                }
            }
            """;

    @Test
    void jdkCracApplicationsCompileAndRun() throws IOException {
        assertCompilesAndRuns("jdk.crac");
    }

    @Test
    void javaxCracApplicationsCompileAndRun() throws IOException {
        assertCompilesAndRuns("javax.crac");
    }

    private void assertCompilesAndRuns(String packageName) throws IOException {
        Path source = Files.writeString(files.resolve("App.java"), SOURCE.formatted(packageName));
        Completed javac = Completed.run(Artefacts.JAVA_HOME.resolve("bin/javac").toString(), "-Xlint:all", "-Werror",
                "-cp", API.toString(), "-d", files.toString(), source.toString());
        assertEquals(0, javac.status(), javac.output());
        assertEquals(new Completed(0, "refused C/R is not configured"),
                Completed.run(Artefacts.java(), "-cp", files + ":" + API, "App"));
        assertEquals(new Completed(ThawCommand.CHECKPOINTED, "before"), Completed.run(command(files + ":" + API)));
        try (RunningProcess restored = restore()) {
            restored.mustExit(0);
            assertEquals(List.of("after", "returned, null0"), restored.output());
        }
        assertEquals(new Completed(ThawCommand.CHECKPOINTED, "before"), Completed.run(command(files.toString())));
    }

    private List<String> command(String classPath) {
        List<String> command = new ArrayList<>(jvm().classPath(classPath).command("none"));
        command.set(command.size() - 1, "App");
        return command;
    }
}
