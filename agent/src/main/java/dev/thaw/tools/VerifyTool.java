// SPDX-License-Identifier: Apache-2.0
package dev.thaw.tools;

import dev.thaw.core.image.Meta;
import dev.thaw.core.image.Snapshot;
import dev.thaw.core.image.SnapshotDirectory;
import dev.thaw.core.image.Verifier;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;

/** {@code thaw verify DIR[/NNNN]}: reads all that restores would need; a damaged snapshot is an exception. */
final class VerifyTool {
    private VerifyTool() {}

    static int run(Path place, PrintStream out) throws IOException {
        for (Path folder : SnapshotDirectory.resolveAll(place)) {
            verify(Snapshot.read(folder), out);
        }
        return Main.OK;
    }

    private static void verify(Snapshot snapshot, PrintStream out) throws IOException {
        Verifier.Verified verified = Verifier.verify(snapshot);
        Meta meta = snapshot.meta();
        out.printf("ok: %s (%s): %d own pages, %d pages in earlier snapshots (%d), %d regions, %d threads, "
                + "%d descriptors%n", snapshot.folder(), Text.kind(meta), verified.ownPages(), verified.otherPages(),
                verified.otherFiles(), meta.regions().size(), meta.threads().size(), meta.descriptors().size());
    }
}
