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
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Patterns in to=, as in CRaC's CRaCCheckpointTo: filled at each checkpoint. */
class PathPatternTest {
    private static final String GIGABYTE = "1073741824";

    private final SnapshotDirectory folder = SnapshotDirectory.create();

    @AfterEach
    void delete() {
        folder.close();
    }

    @Test
    void fillsNumbersAndNames() {
        long pid;
        try (RunningProcess app = start("cr_%%_%a_%p_%05c_%3m_%m_%g")) {
            pid = app.pid();
            Jcmd.ofThisJdk().checkpoint(app);
        }
        assertEquals(List.of("cr_%%_amd64_%d_%05d_%s_1G_1".formatted(pid, Runtime.getRuntime().availableProcessors(),
                GIGABYTE)), folder.names());
    }

    @Test
    void aUuidIsAnotherEachTimeAndTheCpusFeaturesAreNot() {
        try (RunningProcess app = start("%u_%f_")) {
            Jcmd.ofThisJdk().checkpoint(app, "keep_running");
            Jcmd.ofThisJdk().checkpoint(app, "keep_running");
        }
        List<String> names = folder.names();
        assertEquals(2, names.size(), names.toString());
        for (String name : names) {
            assertTrue(name.matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}_[0-9a-f]{64}_"), name);
        }
    }

    /** %g counts the checkpoints, and each folder has its own first snapshot, which is full. */
    @Test
    void tellsTimesAndGenerationsThroughARestore() {
        String pattern = "%g_%T_%t_%015B_%b_%15R_%r_%02g";
        try (RunningProcess app = start(pattern)) {
            Jcmd.ofThisJdk().checkpoint(app);
            app.mustExit(ThawCommand.CHECKPOINTED);
        }
        try (RunningProcess restored = ThawCommand.restore(folder.path().resolve(folder.names().getFirst()))) {
            restored.send("get none");
            restored.awaitLine("property null");
            String reply = Jcmd.ofThisJdk().checkpoint(restored);
            assertTrue(reply.contains("/0001: full"), reply);
        }
        Matcher first = parse(folder.names().get(0));
        Matcher second = parse(folder.names().get(1));
        assertEquals("1 01 2 02", first.group(1) + " " + first.group(8) + " " + second.group(1) + " " + second.group(8));
        assertEquals(first.group(4), second.group(4), "the boot time stays");
        assertEquals(first.group(4), first.group(6), "nothing was restored yet");
        assertTrue(Long.parseLong(second.group(6)) >= Long.parseLong(first.group(2)), second.group());
        assertTrue(Long.parseLong(second.group(6)) <= Long.parseLong(second.group(2)), second.group());
        for (Matcher each : List.of(first, second)) {
            for (int group : new int[] {2, 4, 6}) {
                assertEquals(basic(each.group(group)), each.group(group + 1), each.group());
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "%x    | %x is no pattern, there are %% %a %f %u %t %T %b %B %r %R %p %c %m %g",
        "a%    | % is no pattern, there are %% %a %f %u %t %T %b %B %r %R %p %c %m %g",
        "%5u   | %5u is no pattern, %u takes no width",
        "%0p   | %0p is no pattern, a width is a number up to 64",
        "%999p | %999p is no pattern, a width is a number up to 64",
    })
    void aPatternThatIsNotKnownEndsTheStartWithASentence(String pattern, String sentence) {
        Completed run = Completed.run(JvmUnderTest.withAgent(Path.of(pattern)).command("Hello"));
        assertEquals("thaw: to=" + pattern + " is not understood: " + sentence + " (a plain percent sign is %%)",
                run.output());
        assertEquals(1, run.status());
    }

    private RunningProcess start(String pattern) {
        RunningProcess app = JvmUnderTest.withAgent(folder.path().resolve(pattern)).options("-Xmx1g", "-XX:+UseG1GC")
                .start("options.Asking");
        app.awaitLine("ready");
        return app;
    }

    private static Matcher parse(String name) {
        Matcher matcher = Pattern.compile("(\\d)_(\\d+)_(\\d{8}T\\d{6}Z)_0*(\\d+)_(\\d{8}T\\d{6}Z)_ *(\\d+)_(\\d{8}T\\d{6}Z)_(\\d\\d)")
                .matcher(name);
        assertTrue(matcher.matches(), name);
        return matcher;
    }

    private static String basic(String seconds) {
        return DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC)
                .format(Instant.ofEpochSecond(Long.parseLong(seconds)));
    }
}
