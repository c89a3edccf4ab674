// SPDX-License-Identifier: Apache-2.0
package dev.thaw.metadata;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code name=value,name=value}, or {@code @FILE} with one a line; the last of a name counts. */
record Assignments(String option, List<String> items) {
    /**
     * @param given several of these, a line each; null: none
     * @throws IllegalArgumentException whose message is one sentence
     */
    static Assignments parse(String option, String given) {
        List<String> items = new ArrayList<>();
        for (String part : given == null ? List.<String>of() : given.lines().toList()) {
            List<String> some = part.startsWith("@") ? lines(option, part.substring(1)) : List.of(part.split(","));
            some.stream().map(String::strip).filter(item -> !item.isEmpty()).forEach(items::add);
        }
        return new Assignments(option, items);
    }

    private static List<String> lines(String option, String file) {
        try {
            return Files.readAllLines(Path.of(file));
        } catch (IOException | InvalidPathException e) {
            String reason = e instanceof NoSuchFileException ? "there is none" : e.getMessage();
            throw new IllegalArgumentException(option + "=@" + file + ": the file cannot be read: " + reason, e);
        }
    }

    static String nameOf(String item) {
        int equals = item.indexOf('=');
        return equals < 0 ? item : item.substring(0, equals).strip();
    }

    /** @return null when the item is a name alone */
    static String valueOf(String item) {
        int equals = item.indexOf('=');
        return equals < 0 ? null : item.substring(equals + 1).strip();
    }
}
