// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core.image;

/**
 * One mapping.
 *
 * @param file index of the {@link StoredFile}, or -1; of a memfd its descriptor
 */
public record Region(long start, long end, Kind kind, int protection, int flags, int file, long offset,
        long firstExtent, long extents) {
    /** {@code enum region_kind}, in its order. */
    public enum Kind {
        ANONYMOUS("anonymous"), FILE("private file"), FILE_SHARED("shared file"),
        ANONYMOUS_SHARED("shared anonymous"), PERFDATA("hsperfdata"), MEMFD("view of a memfd");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        public String text() {
            return text;
        }
    }

    public long bytes() {
        return end - start;
    }
}
