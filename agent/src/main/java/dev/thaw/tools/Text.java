// SPDX-License-Identifier: Apache-2.0
package dev.thaw.tools;

import dev.thaw.core.image.Meta;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** How the tools write numbers and times. */
final class Text {
    static final long PAGE_BYTES = 4096;

    private static final double MEGABYTE = 1e6;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);

    private Text() {}

    static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f", bytes / MEGABYTE);
    }

    static String time(Instant instant) {
        return TIME.format(instant.atZone(ZoneId.systemDefault()));
    }

    static String kind(Meta meta) {
        return meta.isDelta() ? "delta of %04d".formatted(meta.parentNumber()) : "full";
    }
}
