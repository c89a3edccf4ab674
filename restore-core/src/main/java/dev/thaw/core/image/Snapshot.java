// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core.image;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A snapshot whose metadata is verified.
 *
 * @param folder DIR/NNNN
 */
public record Snapshot(Path folder, Meta meta) {
    private static final String META = "meta";
    private static final String PAGES = "pages";

    /**
     * Reads its metadata.
     *
     * @throws SnapshotException if that is damaged, of another version, or missing
     */
    public static Snapshot read(Path folder) throws IOException {
        Path absolute = folder.toAbsolutePath().normalize();
        return new Snapshot(absolute, Meta.read(absolute.resolve(META)));
    }

    static boolean isIn(Path folder) {
        return folder.resolve(META).toFile().exists();
    }

    /** The pages file of a source: beside this snapshot, so that DIR can be moved. */
    public Path pagesFile(Source source) {
        Path owner = source.number() == 0
                ? folder : folder.resolveSibling(SnapshotDirectory.nameOf(source.number()));
        return owner.resolve(PAGES);
    }
}
