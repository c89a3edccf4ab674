// SPDX-License-Identifier: Apache-2.0
package dev.thaw.metadata;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The labels of a snapshot that exists. */
public final class Tags {
    private static final String LABEL = "label:";
    private static final List<String> THAWS_OWN = List.of("cpu.arch=", "java.version=");

    private Tags() {}

    /** Lines {@code name=value}. */
    public static List<String> of(Path snapshot) throws IOException {
        List<String> labels = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(snapshot.resolve("tags"))) {
                if (line.startsWith(LABEL)) {
                    labels.add(line.substring(LABEL.length()));
                }
            }
        } catch (NoSuchFileException e) {
            return labels; // of a Thaw that wrote none
        }
        return labels;
    }

    /** Only those that the user gave. */
    public static List<String> givenOf(Path snapshot) throws IOException {
        return of(snapshot).stream().filter(label -> THAWS_OWN.stream().noneMatch(label::startsWith)).toList();
    }
}
