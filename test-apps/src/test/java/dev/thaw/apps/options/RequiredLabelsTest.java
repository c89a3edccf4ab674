// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.options;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.thaw.apps.drive.Artefacts;
import dev.thaw.apps.drive.Completed;
import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.Damage;
import dev.thaw.apps.harness.JvmUnderTest;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** `thaw restore --required-labels`: only a snapshot that has them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RequiredLabelsTest {
    private static final List<String> ENVIRONMENT = List.of("env", "-u", "MISSING", "BAR=GOO", "foo=xxx");

    private final SnapshotDirectory snapshots = SnapshotDirectory.create();

    /** 0001: foo=bar; 0002: foo=xxx, abc=def, ghi=GOO; 0003: none. */
    @BeforeAll
    void checkpoint() {
        try (RunningProcess app = JvmUnderTest.withAgent(snapshots.path()).prefix(ENVIRONMENT)
                .options("-Xmx64m", "-XX:+UseSerialGC").start("options.Asking")) {
            app.awaitLine("ready");
            Jcmd.ofThisJdk().checkpoint(app, "keep_running", "labels=foo=bar");
            Jcmd.ofThisJdk().checkpoint(app, "keep_running", "labels=foo,abc=def,ghi=$BAR");
            Jcmd.ofThisJdk().checkpoint(app);
        }
    }

    @AfterAll
    void delete() {
        snapshots.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "1 | foo=bar", "2 | foo=xxx", "2 | foo", "2 | ghi=$BAR", "2 | abc=def,ghi=$BAR,foo=xxx",
        "2 | foo=$foo,,abc=def", "1 | java.version=$JAVA_VERSION,cpu.arch=amd64",
    })
    void restoresASnapshotThatHasThem(int number, String labels) {
        String java = "JAVA_VERSION=" + System.getProperty("java.version");
        try (RunningProcess restored = ThawCommand.restore(join(ENVIRONMENT, java), snapshots.snapshot(number),
                "--required-labels=" + labels)) {
            restored.send("end");
            restored.mustExit(0);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "1 | foo=goo          | the label foo is bar, required is goo",
        "1 | foo=$BAR         | the label foo is bar, required is GOO",
        "3 | foo              | the label foo is missing, required is xxx",
        "3 | foo=bar          | the label foo is missing, required is bar",
        "2 | abc=xxx,foo      | the label abc is def, required is xxx",
        "2 | ab=def           | the label ab is missing, required is def",
        "1 | java.version=1.8 | the label java.version is $VERSION, required is 1.8",
    })
    void refusesOneThatDiffersAndNamesWhatIsWantedAndFound(int number, String labels, String sentence) {
        Completed refused = restore(snapshots.snapshot(number).toString(), "--required-labels", labels);
        assertEquals("thaw: " + sentence.replace("$VERSION", System.getProperty("java.version")) + ": "
                + snapshots.snapshot(number), refused.output());
        assertEquals(ThawCommand.REFUSED, refused.status());
    }

    /** Of DIR, the newest that has them, not the newest of all. */
    @ParameterizedTest
    @CsvSource({"foo=bar, 1", "abc=def, 2", "cpu.arch=amd64, 3"})
    void takesTheNewestSnapshotThatHasThem(String labels, int number) {
        for (String option : List.of("--required-labels=", "-Dthaw.required-labels=", "-Djdk.crac.require-labels=")) {
            try (RunningProcess restored = ThawCommand.restore(snapshots.path(), option + labels)) {
                restored.send("get java.version"); // it answers, so it has a jcmd
                restored.awaitLine("property .*");
                assertEquals(snapshots.snapshot(number).toString(),
                        Jcmd.ofThisJdk().status(restored).text().replaceAll("(?s).*parent snapshot: (\\S+).*", "$1"));
            }
        }
    }

    @Test
    void saysWhatTheNewestHasWhenNoneFits() {
        Completed refused = restore(snapshots.path().toString(), "--required-labels=foo=nobody");
        assertEquals("thaw: no snapshot here has the required labels; of the newest, 0003, the label foo is missing, "
                + "required is nobody: " + snapshots.path(), refused.output());
        assertEquals(ThawCommand.REFUSED, refused.status());
    }

    @Test
    void aRequirementWithoutAValueIsRefused() {
        Completed refused = restore(snapshots.path().toString(), "--required-labels=foo=$MISSING");
        assertEquals("thaw: a required label takes its value from an environment variable that is not set: MISSING",
                refused.output());
        assertEquals(ThawCommand.REFUSED, refused.status());
    }

    /** Whatever changed: a label that is required, another one, or all of them gone. */
    @Test
    void labelsThatAreNotAsTheyWereWrittenAreRefused() {
        try (SnapshotDirectory copy = snapshots.copy()) {
            Path tags = copy.snapshot(3).resolve("tags");
            for (long offset = 0; offset < Damage.size(tags); offset += 7) {
                Damage.flipBit(tags, offset, (int) (offset % 8));
                assertTagsRefused(copy);
                Damage.flipBit(tags, offset, (int) (offset % 8));
            }
            Damage.truncate(tags, 0);
            assertTagsRefused(copy);
        }
    }

    private static void assertTagsRefused(SnapshotDirectory copy) {
        for (Path place : List.of(copy.path(), copy.snapshot(3))) {
            Completed refused = restore(place.toString(), "--required-labels=cpu.arch=amd64");
            assertEquals("thaw: the snapshot's labels are not as they were written, its tags file is damaged: "
                    + copy.snapshot(3), refused.output());
            assertEquals(ThawCommand.REFUSED, refused.status());
        }
    }

    private static Completed restore(String... arguments) {
        return Completed.run(join(join(ENVIRONMENT, Artefacts.THAW.toString(), "restore"), arguments));
    }

    private static List<String> join(List<String> first, String... more) {
        return Stream.concat(first.stream(), Stream.of(more)).toList();
    }
}
