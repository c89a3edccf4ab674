// SPDX-License-Identifier: Apache-2.0
package dev.thaw.tools;

import dev.thaw.core.image.Meta;
import dev.thaw.core.image.Snapshot;
import dev.thaw.core.image.SnapshotDirectory;
import dev.thaw.core.image.SnapshotException;
import dev.thaw.metadata.Tags;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;

/** {@code thaw list DIR}: a line a snapshot; one that cannot be read says why in its line. */
final class ListTool {
    private static final String ROW = "%-8s %-15s %10s %10s  %-19s  %8s  %s  %s%n";

    private ListTool() {}

    static int run(Path directory, PrintStream out) throws IOException {
        List<Path> snapshots = new SnapshotDirectory(directory).snapshots();
        int status = Main.OK;
        out.printf(ROW, "number", "kind", "pages", "MB", "created", "pid", "JDK", "labels");
        for (Path snapshot : snapshots) {
            try {
                print(Snapshot.read(snapshot), out);
            } catch (SnapshotException e) {
                out.printf("%-8s %s%n", snapshot.getFileName(), e.getMessage());
                status = Main.FAILED;
            }
        }
        return status;
    }

    private static void print(Snapshot snapshot, PrintStream out) throws IOException {
        Meta meta = snapshot.meta();
        out.printf(ROW, snapshot.folder().getFileName(), Text.kind(meta), meta.ownPages(),
                Text.megabytes(meta.pagesBytes() + meta.metaBytes()), Text.time(meta.created()), meta.pid(),
                meta.vmVersion(), String.join(",", Tags.givenOf(snapshot.folder())));
    }
}
