// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** DIR: snapshots under their numbers. Everything else in it is ignored. */
public record SnapshotDirectory(Path path) {
    private static final Pattern NAME = Pattern.compile("[0-9]{4,9}");

    static String nameOf(int number) {
        return "%04d".formatted(number);
    }

    /** The folders of the snapshots, the oldest first. */
    public List<Path> snapshots() throws IOException {
        if (!Files.isDirectory(path)) {
            throw new SnapshotException(path + " is not a folder");
        }
        try (Stream<Path> entries = Files.list(path)) {
            return entries.filter(entry -> NAME.matcher(entry.getFileName().toString()).matches())
                    .filter(Files::isDirectory)
                    .sorted(Comparator.comparingInt(SnapshotDirectory::numberOf))
                    .toList();
        }
    }

    public static int numberOf(Path snapshot) {
        return Integer.parseInt(snapshot.getFileName().toString());
    }

    /**
     * What {@code place} means: itself, if it is a snapshot, else all in it, the oldest first.
     *
     * @throws SnapshotException if there is none
     */
    public static List<Path> resolveAll(Path place) throws IOException {
        if (Snapshot.isIn(place)) {
            return List.of(place);
        }
        List<Path> snapshots = new SnapshotDirectory(place).snapshots();
        if (snapshots.isEmpty()) {
            throw new SnapshotException("no snapshot in " + place);
        }
        return snapshots;
    }

    /** The newest of them. */
    public static Path resolve(Path place) throws IOException {
        List<Path> snapshots = resolveAll(place);
        return snapshots.get(snapshots.size() - 1);
    }
}
