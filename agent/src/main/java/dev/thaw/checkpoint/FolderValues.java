// SPDX-License-Identifier: Apache-2.0
package dev.thaw.checkpoint;

import dev.thaw.agent.PathPattern;
import dev.thaw.agent.ProcessNames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.UUID;

/** What the letters of a {@link PathPattern} stand for at this checkpoint, as in CRaC's CRaCCheckpointTo. */
record FolderValues(History history, Engine engine, long nowMillis) implements PathPattern.Values {
    private static final DateTimeFormatter BASIC_TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final long MILLIS_PER_SECOND = 1000;

    @Override
    public String text(char letter) {
        return switch (letter) {
            case 'a' -> System.getProperty("os.arch");
            case 'f' -> engine.cpuFeatures();
            case 'u' -> UUID.randomUUID().toString();
            default -> BASIC_TIME.format(Instant.ofEpochMilli(time(letter)));
        };
    }

    @Override
    public long number(char letter) {
        return switch (letter) {
            case 'p' -> pid();
            case 'c' -> Runtime.getRuntime().availableProcessors();
            case 'm' -> Runtime.getRuntime().maxMemory();
            case 'g' -> history.generation();
            default -> time(Character.toLowerCase(letter)) / MILLIS_PER_SECOND;
        };
    }

    private long time(char letter) {
        return switch (letter) {
            case 'b' -> history.startMillis();
            case 'r' -> history.restoreMillis() < 0 ? history.startMillis() : history.restoreMillis();
            default -> nowMillis;
        };
    }

    private static long pid() {
        try {
            return ProcessNames.ofThisProcess().pidNumber();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
