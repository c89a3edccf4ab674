// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.crac;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.ThawCommand;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The global context, with an application that names jdk.crac and javax.crac itself. */
class ContextOrderTest extends CracScenario {
    private static final List<String> CALLS_AFTER =
            List.of("after first", "after second", "after nested one", "after nested two");

    @ParameterizedTest
    @ValueSource(strings = {"checkpoint", "checkpoint-javax"})
    void bothPackagesShareOneOrder(String command) {
        try (RunningProcess app = start("BothPackages")) {
            app.send(command);
            app.mustExit(ThawCommand.CHECKPOINTED);
            assertEquals(List.of("context OrderedContext on null", "ready", "before nested one", "before nested two",
                    "before second", "before first"), app.output());
        }
        try (RunningProcess restored = restore()) {
            restored.awaitLine((command.equals("checkpoint") ? "jdk" : "javax") + ".crac returned");
            restored.send("exit 0");
            restored.mustExit(0);
            assertEquals(CALLS_AFTER, restored.output().subList(0, 4));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"checkpoint", "checkpoint-javax"})
    void whatNestedContextsCollectedIsFlattened(String command) {
        try (RunningProcess app = start("BothPackages")) {
            app.send("fail");
            app.send(command);
            app.awaitLine("suppressed java.lang.IllegalStateException: nested one refuses");
            app.awaitLine("suppressed java.lang.IllegalStateException: nested two refuses");
            app.awaitLine("caught " + (command.equals("checkpoint") ? "jdk" : "javax") + ".crac.CheckpointException");
            assertEquals(List.of(), snapshots.names());
        }
    }

    @Test
    void whoRegistersMeanwhileIsCalledTheNextTime() {
        assertLateRegistration(jvmWith(""), "registering did not wait");
    }

    @Test
    void whoRegistersMeanwhileWaitsWithTheBlockingContext() {
        assertLateRegistration(jvmWith("BlockingOrderedContext"), "registering waits");
    }

    private void assertLateRegistration(RunningProcess running, String meanwhile) {
        try (RunningProcess app = running) {
            app.send("register-while-checkpointing");
            app.send("checkpoint");
            app.awaitLine(meanwhile);
            app.awaitLine("jdk.crac returned");
            assertFalse(app.output().contains("before late"), app.output().toString());
            app.send("checkpoint");
            app.awaitLine("before late");
            app.awaitLine("after late");
            app.awaitLine("jdk.crac returned");
        }
    }

    private RunningProcess jvmWith(String context) {
        RunningProcess app = jvm("keep_running=true").options("-Djdk.crac.globalContext.impl=" + context)
                .start("crac.BothPackages");
        app.awaitLine("context " + (context.isEmpty() ? "OrderedContext" : context) + " on null");
        return ready(app);
    }
}
