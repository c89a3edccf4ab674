// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches.jfr;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The file that a recording is written to when it ends. */
final class RecordingFile {
    private static final String SUFFIX = ".jfr";

    private RecordingFile() {}

    /**
     * The first of {@code name.jfr}, {@code name.0.jfr}, {@code name.1.jfr} … that does not exist, created: no two
     * processes get the same. What is no regular file, such as /dev/null, is for all.
     */
    static Path claim(Path wanted) throws IOException {
        if (Files.exists(wanted) && !Files.isRegularFile(wanted)) {
            return wanted;
        }
        Path path = wanted;
        for (int number = 0; ; number++) {
            try {
                return Files.createFile(path);
            } catch (FileAlreadyExistsException e) {
                path = numbered(wanted, number);
            }
        }
    }

    private static Path numbered(Path wanted, int number) {
        String name = wanted.getFileName().toString();
        boolean cut = name.endsWith(SUFFIX);
        String stem = cut ? name.substring(0, name.length() - SUFFIX.length()) : name;
        return wanted.resolveSibling(stem.concat(".").concat(Integer.toString(number)).concat(cut ? SUFFIX : ""));
    }
}
