// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.apps.drive.Completed;
import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.JvmUnderTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** jcmd JDK.checkpoint labels= and metrics= land in the snapshot's files `tags` and `score`. */
class JcmdArgsTest {
    private final SnapshotDirectory snapshots = SnapshotDirectory.create();
    private RunningProcess app;

    @TempDir
    private Path files;

    @BeforeEach
    void start() {
        app = JvmUnderTest.withAgent(snapshots.path(), "labels=stage=one")
                .prefix(List.of("env", "-u", "MISSING", "BAR=GOO", "foo=xxx"))
                .options("-Xmx64m", "-XX:+UseSerialGC", "-Dthaw.labels=from=property,stage=zero").start("options.Asking");
        app.awaitLine("ready");
    }

    @AfterEach
    void end() {
        app.close();
        snapshots.close();
    }

    @Test
    void labelsAndMetricsOfTheCommandAreInTheSnapshot() throws IOException {
        checkpoint("metrics=foo.bar=123,other=-1e3", "labels=xxx=yyy,abc=$BAR,foo,left=$MISSING");
        assertTrue(lines(1, "score").containsAll(List.of("foo.bar=123.000000", "other=-1000.000000")));
        List<String> tags = lines(1, "tags");
        assertTrue(tags.containsAll(List.of("label:xxx=yyy", "label:abc=GOO", "label:foo=xxx", "label:stage=one",
                "label:from=property", "label:cpu.arch=amd64",
                "label:java.version=" + System.getProperty("java.version"))), tags.toString());
        assertTrue(tags.stream().anyMatch(line -> line.matches("bitmap:cpu.features=[0-9a-f]{64}")), tags.toString());
        assertFalse(tags.stream().anyMatch(line -> line.startsWith("label:left")), tags.toString());
        app.awaitLine("thaw: the label left is left out: the environment variable MISSING is not set");
    }

    @Test
    void readsThemFromFiles() throws IOException {
        Path metrics = Files.writeString(files.resolve("metrics"), "dummy\t=45\n   foo.bar = 123.0 \n\n");
        Path labels = Files.writeString(files.resolve("labels"), " xxx= yyy\naaa=b,c");
        checkpoint("metrics=@" + metrics, "labels=@" + labels);
        assertTrue(lines(1, "score").containsAll(List.of("foo.bar=123.000000", "dummy=45.000000")));
        assertTrue(lines(1, "tags").containsAll(List.of("label:xxx=yyy", "label:aaa=b,c")));
    }

    /** A delta is a snapshot of its own, and so are its labels. */
    @Test
    void eachSnapshotHasItsOwn() throws IOException {
        checkpoint("labels=version=1", "metrics=a=1");
        String reply = checkpoint("labels=stage=two");
        assertTrue(reply.contains("delta of 0001"), reply);
        assertTrue(lines(1, "tags").containsAll(List.of("label:version=1", "label:stage=one")));
        assertTrue(lines(2, "tags").contains("label:stage=two"));
        assertFalse(lines(2, "tags").contains("label:version=1"));
        assertFalse(lines(2, "score").contains("a=1.000000"));
        assertEquals(lines(2, "tags").size(), lines(2, "tags").stream().distinct().count());
    }

    @Test
    void theToolsShowTheLabels() {
        checkpoint("labels=colour=blue");
        String inspected = ThawCommand.run("inspect", snapshots.snapshot(1).toString()).output();
        assertTrue(inspected.matches("(?s).*label: +colour=blue\n.*"), inspected);
        assertTrue(inspected.matches("(?s).*label: +cpu.arch=amd64\n.*"), inspected);
        String listed = ThawCommand.run("list", snapshots.path().toString()).output();
        assertTrue(listed.endsWith("from=property,stage=one,colour=blue"), listed);
    }

    @Test
    void whatIsNotUnderstoodRefusesTheCheckpointBeforeAnybodyIsAsked() {
        app.send("register");
        app.awaitLine("registered 1");
        refuses("metrics=a=b", "metrics: a=b is not understood: a metric is name=number");
        refuses("labels==b", "labels: =b has no name");
        refuses("labels=java.version=3", "labels: java.version=3 has a name that Thaw gives itself");
        refuses("labels=@" + files.resolve("none"), "labels=@" + files.resolve("none")
                + ": the file cannot be read: there is none");
        assertEquals(List.of(), snapshots.names());
    }

    private void refuses(String option, String sentence) {
        Completed refused = Jcmd.ofThisJdk().run(app.pid(), "JDK.checkpoint", option);
        assertEquals(1, refused.status(), refused.output());
        assertTrue(refused.output().contains(sentence), refused.output());
    }

    private String checkpoint(String... options) {
        String[] all = new String[options.length + 1];
        System.arraycopy(options, 0, all, 0, options.length);
        all[options.length] = "keep_running";
        return Jcmd.ofThisJdk().checkpoint(app, all);
    }

    private List<String> lines(int number, String file) throws IOException {
        return Files.readAllLines(snapshots.snapshot(number).resolve(file));
    }
}
