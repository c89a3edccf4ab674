// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.crac;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.Completed;
import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.harness.JvmUnderTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Descriptors that the JVM was started with are treated as its own: carried where that is possible, else named. */
class InheritedDescriptorsTest extends CracScenario {
    @Test
    void aReadOnlyFileAndDuplicatesOfStandardStreamsAreCarried() throws IOException {
        Path file = Files.writeString(files.resolve("inherited"), "text\n");
        try (RunningProcess app = ready(with("7<" + file + " 8>&1 9<&0").start("crac.Generations"))) {
            checkpointAndEnd(app);
        }
        try (RunningProcess restored = restore()) {
            restored.send("ping");
            restored.awaitLine("pong");
            assertEquals(file.toRealPath(), Path.of("/proc/" + restored.pid() + "/fd/7").toRealPath());
            assertEquals(Files.readSymbolicLink(Path.of("/proc/" + restored.pid() + "/fd/1")),
                    Files.readSymbolicLink(Path.of("/proc/" + restored.pid() + "/fd/8")));
        }
    }

    @Test
    void whatCannotBeCarriedIsNamedWithItsNumber() {
        Path fifo = files.resolve("fifo");
        assertEquals(0, Completed.run("mkfifo", fifo.toString()).status());
        try (RunningProcess reader = RunningProcess.start(List.of("sh", "-c", "exec 3<" + fifo + "; read line"));
                RunningProcess app = ready(with("7>" + fifo).start("crac.Generations"))) {
            Completed reply = Jcmd.ofThisJdk().run(app.pid(), "JDK.checkpoint");
            assertEquals(1, reply.status(), reply.output());
            assertTrue(reply.output().contains("pipe that leads out of this process " + fifo + " (fd 7)"),
                    reply.output());
            reader.send("end");
        }
    }

    private JvmUnderTest with(String redirections) {
        return jvm().prefix(List.of("sh", "-c", "exec \"$@\" " + redirections, "sh"));
    }
}
