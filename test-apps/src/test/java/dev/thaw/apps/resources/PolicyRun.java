// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.resources;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.Completed;
import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.JvmUnderTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** PolicyThings with a file of policies, checkpointed and restored. */
final class PolicyRun implements AutoCloseable {
    private final SnapshotDirectory snapshots = SnapshotDirectory.create();
    private final Path policies;
    private final List<String> options = new ArrayList<>(List.of("--enable-native-access=ALL-UNNAMED"));
    private RunningProcess app;

    /** With the rules that {@link #rules} writes. */
    PolicyRun(Path folder) {
        policies = folder.resolve("policies.yaml");
        options.add("-Djdk.crac.resource-policies=" + policies);
    }

    /** Without policies. */
    PolicyRun(List<String> options) {
        policies = null;
        this.options.addAll(options);
    }

    PolicyRun options(String... more) {
        options.addAll(List.of(more));
        return this;
    }

    /** Read at each checkpoint: may come after the start. */
    PolicyRun rules(String... lines) {
        try {
            Files.write(policies, List.of(lines));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    RunningProcess start(String... things) {
        app = JvmUnderTest.withAgent(snapshots.path()).options(options.toArray(String[]::new))
                .start("resources.PolicyThings", things);
        return app;
    }

    /** To its end. */
    void checkpoint() {
        app.send("ping");
        app.awaitLine("pong");
        Jcmd.ofThisJdk().checkpoint(app);
        app.mustExit(ThawCommand.CHECKPOINTED);
    }

    RunningProcess checkpointAndRestore(String... arguments) {
        checkpoint();
        return restore(arguments);
    }

    RunningProcess restore(String... arguments) {
        app = ThawCommand.restore(snapshots.path(), arguments);
        return app;
    }

    /** With these texts in the answer; there is no new snapshot and the application runs on. */
    String assertRefused(String... texts) {
        List<String> before = snapshots.names();
        app.send("ping");
        app.awaitLine("pong");
        Completed reply = Jcmd.ofThisJdk().run(app.pid(), "JDK.checkpoint");
        assertEquals(1, reply.status(), reply.output());
        for (String text : texts) {
            assertTrue(reply.output().contains(text), "no '" + text + "' in:\n" + reply.output());
        }
        assertEquals(before, snapshots.names());
        app.send("ping");
        app.awaitLine("pong");
        return reply.output();
    }

    void assertRestoreRefused(String... texts) {
        Completed refused = ThawCommand.run("restore", snapshots.path().toString());
        assertEquals(ThawCommand.REFUSED, refused.status(), refused.output());
        for (String text : texts) {
            assertTrue(refused.output().contains(text), refused.output());
        }
    }

    /** What the thing does and says now matches. */
    void assertUse(String thing, String regex) {
        app.send("use " + thing);
        String said = app.awaitLine(thing + ": (.*)").group(1);
        assertTrue(said.matches(regex), said);
    }

    /** What the checkpoint had to warn of. */
    List<String> warnings() {
        return app.errorOutput().stream().filter(line -> line.contains("was not closed by the application")).toList();
    }

    @Override
    public void close() {
        if (app != null) {
            app.close();
        }
        snapshots.close();
    }
}
