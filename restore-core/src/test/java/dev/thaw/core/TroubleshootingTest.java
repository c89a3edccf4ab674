// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.core.CheckpointOutcome.Failed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each sentence of the engine, the launcher and a failed checkpoint is a heading of docs/troubleshooting.md. */
class TroubleshootingTest {
    private static final Path SOURCES = Path.of("src/main/c").toAbsolutePath();
    private static final Path PAGE = Path.of("../docs/troubleshooting.md").toAbsolutePath();
    /** The calls that end a process with a sentence, up to the end of the statement. */
    private static final Pattern LAST_WORDS = Pattern.compile("\\b(die|fatal|lost)\\(.*?\\);", Pattern.DOTALL);
    private static final Pattern LITERAL = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"");
    private static final Pattern PLACEHOLDER = Pattern.compile("<([^>]*)>");
    private static final int EIO = 5;

    @Test
    void everySentenceThatEndsTheLauncherOrARestoredProcessIsAHeading() throws IOException {
        List<String> sentences = new ArrayList<>();
        for (Path source : sources()) {
            LAST_WORDS.matcher(Files.readString(source)).results()
                    .forEach(call -> sentences.addAll(literals(call.group())));
        }
        assertTrue(sentences.size() > 40, "only " + sentences);
        assertEquals(List.of(), withoutHeading(sentences));
    }

    @Test
    void everyKindOfWrongMetadataIsAHeading() throws IOException {
        List<String> sentences = literalsOf("restore/snapshot.c", "what_is_wrong(enum view_result result)", "\n}\n");
        assertEquals(4, sentences.size(), sentences.toString());
        assertEquals(List.of(), withoutHeading(sentences));
    }

    @Test
    void everyReasonForAFullSnapshotIsAHeading() throws IOException {
        List<String> reasons = literalsOf("checkpoint/report.c", "FULL_REASONS[] = {", "};");
        assertEquals(FullReason.values().length - 1, reasons.size(), reasons.toString());
        assertEquals(List.of(), withoutHeading(reasons));
    }

    @ParameterizedTest
    @EnumSource(Step.class)
    void everyFailureOfACheckpointIsAHeading(Step step) throws IOException {
        assertIsHeading(errno -> new Failed(step, errno, 42, "TEXT", List.of(), 0).message());
    }

    @Test
    void aLostDirtySetIsAHeading() throws IOException {
        assertIsHeading(errno -> new Failed(Step.TRACK, errno, 0, "", List.of(), 0).message());
    }

    @ParameterizedTest
    @EnumSource(Refusal.Reason.class)
    void everyRefusalIsAHeading(Refusal.Reason reason) throws IOException {
        boolean mapped = reason == Refusal.Reason.SHARED_MAPPING || reason == Refusal.Reason.MAPPING;
        boolean socket = new Refusal(reason, 7, 0, 0, "", "", "").kind() == Refusal.Kind.SOCKET;
        Refusal refusal = new Refusal(reason, 7, 4711, mapped ? 0x7000 : 0, socket ? "LOCAL" : "",
                socket ? "REMOTE" : "", socket && reason != Refusal.Reason.CONNECTION ? "UDP socket" : "NAME");
        assertIsHeading(errno -> refusal.message());
    }

    private interface Sentence {
        String with(int errno);
    }

    /** With an errno or without, as the failure comes. */
    private static void assertIsHeading(Sentence sentence) throws IOException {
        List<Pattern> headings = headings().stream().map(TroubleshootingTest::patternOf).toList();
        assertTrue(Stream.of(0, EIO).map(sentence::with)
                .anyMatch(text -> headings.stream().anyMatch(heading -> heading.matcher(text).matches())),
                () -> "no heading is: " + sentence.with(EIO));
    }

    private static Pattern patternOf(String heading) {
        StringBuilder regex = new StringBuilder();
        Matcher placeholder = PLACEHOLDER.matcher(heading);
        int at = 0;
        while (placeholder.find()) {
            regex.append(Pattern.quote(heading.substring(at, placeholder.start()))).append(anyOf(placeholder.group(1)));
            at = placeholder.end();
        }
        return Pattern.compile(regex.append(Pattern.quote(heading.substring(at))).toString());
    }

    private static String anyOf(String placeholder) {
        return switch (placeholder) {
            case "n" -> "[0-9]+";
            case "kind of socket" -> ".*socket";
            default -> ".+";
        };
    }

    private static List<String> withoutHeading(List<String> sentences) throws IOException {
        List<String> headings = headings();
        return sentences.stream().filter(text -> headings.stream().noneMatch(each -> each.contains(text))).toList();
    }

    private static List<String> headings() throws IOException {
        return Files.readAllLines(PAGE).stream().filter(line -> line.startsWith("### "))
                .map(line -> line.substring(4)).toList();
    }

    private static List<Path> sources() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            return files.filter(file -> file.toString().endsWith(".c")).sorted().toList();
        }
    }

    private static List<String> literalsOf(String source, String from, String to) throws IOException {
        String text = Files.readString(SOURCES.resolve(source));
        int start = text.indexOf(from);
        assertTrue(start >= 0, from + " is not in " + source);
        return literals(text.substring(start, text.indexOf(to, start)));
    }

    /** Of at least two words; adjacent ones are one, as for the compiler. */
    private static List<String> literals(String code) {
        Matcher matcher = LITERAL.matcher(code.replaceAll("\"\\s+\"", ""));
        return matcher.results().map(each -> each.group(1).strip().replaceFirst(":$", ""))
                .filter(text -> text.contains(" ")).toList();
    }
}
