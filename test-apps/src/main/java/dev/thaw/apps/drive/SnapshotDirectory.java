// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.drive;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A DIR of snapshots in a new temporary folder, gone when closed. */
public final class SnapshotDirectory implements AutoCloseable {
    private final Path path;

    private SnapshotDirectory(Path path) {
        this.path = path;
    }

    public static SnapshotDirectory create() {
        return in(Path.of(System.getProperty("java.io.tmpdir")));
    }

    public static SnapshotDirectory in(Path parent) {
        try {
            return new SnapshotDirectory(Files.createTempDirectory(parent, "thaw-snapshots-"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Path path() {
        return path;
    }

    public Path snapshot(int number) {
        return path.resolve("%04d".formatted(number));
    }

    public Path meta(int number) {
        return snapshot(number).resolve("meta");
    }

    public Path pages(int number) {
        return snapshot(number).resolve("pages");
    }

    /** Every name in DIR, complete snapshots and leftovers alike. */
    public List<String> names() {
        try (Stream<Path> entries = Files.list(path)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public List<Integer> numbers() {
        return names().stream().filter(name -> name.matches("[0-9]{4,}")).map(Integer::valueOf).toList();
    }

    public long bytes(int number) {
        return bytesUnder(snapshot(number));
    }

    private static long bytesUnder(Path root) {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads all of it: a machine may drop from its page cache what nobody has read for a while. */
    public void intoPageCache() {
        byte[] buffer = new byte[1 << 20];
        try (Stream<Path> files = Files.walk(path)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                try (InputStream in = Files.newInputStream(file)) {
                    while (in.read(buffer) >= 0) {}
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public SnapshotDirectory copy() {
        SnapshotDirectory copy = in(path.getParent());
        Completed cp = Completed.run("cp", "-a", path + "/.", copy.path.toString());
        if (cp.status() != 0) {
            throw new IllegalStateException(cp.output());
        }
        return copy;
    }

    public void delete(int number) {
        deleteTree(snapshot(number));
    }

    @Override
    public void close() {
        deleteTree(path);
    }

    public static void deleteTree(Path root) {
        if (!Files.exists(root)) {
            return;
        }
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
