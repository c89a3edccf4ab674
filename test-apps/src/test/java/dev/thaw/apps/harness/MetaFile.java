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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/**
 * Edits DIR/NNNN/meta so that only what was meant is wrong with it: the checksum is made right again.
 * Where the fields lie is asked from image/format.h itself, by a compiled program.
 */
public final class MetaFile {
    private record Field(int offset, int bytes) {}

    private static final Map<String, Field> FIELDS = fields();
    private static final Pattern IN_RECORD = Pattern.compile("(\\w+)\\[(\\d+)\\]\\.(\\w+)");

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
        return content.getInt(place(field).offset());
    }

    public long getLong(String field) {
        return content.getLong(place(field).offset());
    }

    /** A field of the header, or as {@code region[3].kind} of a record. */
    public MetaFile set(String field, long value) {
        Field place = place(field);
        if (place.bytes() == Integer.BYTES) {
            content.putInt(place.offset(), (int) value);
        } else {
            content.putLong(place.offset(), value);
        }
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

    private Field place(String name) {
        Matcher record = IN_RECORD.matcher(name);
        if (!record.matches()) {
            return field(name);
        }
        Field section = field(record.group(1));
        Field field = field(record.group(1) + "." + record.group(3));
        int index = Integer.parseInt(record.group(2));
        if (index >= content.getLong(section.offset() + Long.BYTES)) {
            throw new IllegalArgumentException(name + " is not in this file");
        }
        long records = content.getLong(section.offset());
        return new Field((int) records + index * section.bytes() + field.offset(), field.bytes());
    }

    private static Field field(String name) {
        Field field = FIELDS.get(name);
        if (field == null) {
            throw new IllegalArgumentException(name + " is not in format_offsets.c");
        }
        return field;
    }

    private static Map<String, Field> fields() {
        Map<String, Field> fields = new HashMap<>();
        Completed printed = Completed.run(CProgram.executable("format_offsets").toString());
        for (String line : printed.output().split("\n")) {
            String[] words = line.split(" ");
            fields.put(words[0], new Field(Integer.parseInt(words[1]), Integer.parseInt(words[2])));
        }
        return fields;
    }
}
