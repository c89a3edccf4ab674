// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.harness;

import dev.thaw.apps.drive.Completed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Edits DIR/NNNN/meta so that only what was meant is wrong with it: the checksum is made right again.
 * Where the fields lie is asked from image/format.h itself, by a compiled program.
 */
public final class MetaFile {
    private static final Map<String, Integer> OFFSETS = offsets();

    private final Path path;
    private final ByteBuffer content;

    private MetaFile(Path path, byte[] bytes) {
        this.path = path;
        content = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    public static MetaFile read(Path path) {
        try {
            return new MetaFile(path, Files.readAllBytes(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int get(String field) {
        return content.getInt(offset(field));
    }

    public long getLong(String field) {
        return content.getLong(offset(field));
    }

    public MetaFile set(String field, int value) {
        content.putInt(offset(field), value);
        return this;
    }

    /** Writes it back with a right checksum. */
    public void seal() {
        set("meta_crc", 0);
        CRC32C crc = new CRC32C();
        crc.update(content.array());
        set("meta_crc", (int) crc.getValue());
        try {
            Files.write(path, content.array());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int offset(String field) {
        Integer offset = OFFSETS.get(field);
        if (offset == null) {
            throw new IllegalArgumentException(field + " is not in format_offsets.c");
        }
        return offset;
    }

    private static Map<String, Integer> offsets() {
        Map<String, Integer> offsets = new HashMap<>();
        Completed printed = Completed.run(CProgram.executable("format_offsets").toString());
        for (String line : printed.output().split("\n")) {
            String[] words = line.split(" ");
            offsets.put(words[0], Integer.valueOf(words[1]));
        }
        return offsets;
    }
}
