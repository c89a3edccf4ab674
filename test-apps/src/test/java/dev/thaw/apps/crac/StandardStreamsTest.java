// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.crac;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whatever stdin, stdout and stderr are, they hinder no checkpoint: the restored process has the launcher's. */
class StandardStreamsTest extends CracScenario {
    @Test
    void outputToAFileThatIsDeletedLaterIsTheLaunchersAfterwards() throws IOException {
        Path output = files.resolve("output");
        ProcessBuilder builder = new ProcessBuilder(jvm().command("crac.Generations"));
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
        builder.redirectError(ProcessBuilder.Redirect.appendTo(output.toFile()));
        try (RunningProcess app = RunningProcess.start(builder)) {
            awaitContent(output, "ready\n");
            Files.delete(output);
            checkpointAndEnd(app);
        }
        assertAnswersOnTheLaunchersStreams();
    }

    @Test
    void inputFromAFileThatIsDeletedIsTheLaunchersAfterwards() throws IOException {
        Path input = files.resolve("input");
        Files.createFile(input);
        List<String> command = List.of("sh", "-c", "exec 0<>" + input + " && rm " + input + " && exec \"$@\"", "sh");
        try (RunningProcess app = ready(jvm().prefix(command).start("crac.OnlyDaemons"))) {
            checkpointAndEnd(app);
        }
        try (RunningProcess restored = restore()) {
            restored.mustExit(0);
            assertEquals("the JVM ends", restored.output().getLast());
        }
    }

    /** Its lib/modules and its jars have the numbers of the streams. */
    @Test
    void aProcessStartedWithoutStandardStreamsKeepsTheFilesThatHaveTheirNumbers() throws IOException {
        List<String> command = List.of("sh", "-c", "exec \"$@\" <&- >&- 2>&-", "sh");
        try (RunningProcess app = jvm().prefix(command).start("crac.OnlyDaemons")) {
            awaitEndOfMain(app);
            assertTrue(Files.readSymbolicLink(Path.of("/proc/" + app.pid() + "/fd/0")).endsWith("lib/modules"));
            checkpointAndEnd(app);
        }
        try (RunningProcess restored = restore()) {
            restored.mustExit(0);
        }
    }

    private void assertAnswersOnTheLaunchersStreams() {
        try (RunningProcess restored = restore()) {
            restored.send("ping");
            restored.awaitLine("pong");
            restored.send("exit 5");
            restored.mustExit(5);
        }
    }

    private static void awaitEndOfMain(RunningProcess app) {
        long end = System.nanoTime() + RunningProcess.DEADLINE.toNanos();
        while (!Jcmd.ofThisJdk().run(app.pid(), "Thread.print").output().contains("DestroyJavaVM")) {
            if (System.nanoTime() > end) {
                throw app.hang("has not come to the end of main");
            }
        }
    }

    private static void awaitContent(Path file, String content) throws IOException {
        long end = System.nanoTime() + RunningProcess.DEADLINE.toNanos();
        while (!Files.exists(file) || !Files.readString(file).equals(content)) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException(file + " does not contain " + content);
            }
        }
    }
}
