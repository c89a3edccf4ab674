// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.harness;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** Damages a file and can put back what was there. */
public final class Damage {
    private Damage() {}

    /** Changes one bit; the same call again undoes it. */
    public static void flipBit(Path path, long offset, int bit) {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.seek(offset);
            int value = file.read();
            file.seek(offset);
            file.write(value ^ 1 << bit);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static void truncate(Path path, long bytes) {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static long size(Path path) {
        return path.toFile().length();
    }
}
