// SPDX-License-Identifier: Apache-2.0
package dev.thaw.tools;

import dev.thaw.core.image.Descriptor;
import dev.thaw.core.image.Meta;
import dev.thaw.core.image.Region;
import dev.thaw.core.image.Snapshot;
import dev.thaw.core.image.SnapshotDirectory;
import dev.thaw.core.image.Source;
import dev.thaw.core.image.StoredFile;
import dev.thaw.core.image.StoredThread;
import dev.thaw.metadata.Tags;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;

/** {@code thaw inspect DIR[/NNNN]}: what the metadata says. */
final class InspectTool {
    private static final int NAME_WIDTH = 18;

    private final Snapshot snapshot;
    private final Meta meta;
    private final PrintStream out;

    private InspectTool(Snapshot snapshot, PrintStream out) {
        this.snapshot = snapshot;
        this.meta = snapshot.meta();
        this.out = out;
    }

    static int run(Path place, PrintStream out) throws IOException {
        InspectTool tool = new InspectTool(Snapshot.read(SnapshotDirectory.resolve(place)), out);
        tool.printHeader();
        tool.printSources();
        tool.printRegions();
        tool.printThreads();
        tool.printDescriptors();
        tool.printFiles();
        return Main.OK;
    }

    private void printHeader() throws IOException {
        line("snapshot", snapshot.folder());
        line("id", meta.id());
        line("kind", Text.kind(meta));
        if (meta.isDelta()) {
            line("parent id", meta.parentId());
            line("depth", meta.depth());
        }
        line("created", Text.time(meta.created()));
        line("own pages", "%d (%s MB)".formatted(meta.ownPages(), Text.megabytes(meta.pagesBytes())));
        line("all pages", "%d (%s MB)".formatted(meta.storedPages(),
                Text.megabytes(meta.storedPages() * Text.PAGE_BYTES)));
        line("metadata", Text.megabytes(meta.metaBytes()) + " MB");
        line("pid", meta.pid());
        line("uid", meta.uid());
        line("JDK", meta.vmVersion());
        line("java.home", meta.javaHome());
        line("thaw.jar", meta.agentJar());
        line("thaw", meta.thawVersion());
        line("boot id", meta.bootId());
        line("working directory", meta.workingDirectory());
        line("heap", "0x%x-0x%x".formatted(meta.heapStart(), meta.heapEnd()));
        line("lazy", meta.isLazy() ? "on" : "off");
        line("prefetch", meta.isPrefetched() ? "on" : "off");
        for (String label : Tags.of(snapshot.folder())) {
            line("label", label);
        }
    }

    private void printSources() {
        List<Source> sources = meta.sources();
        long[] pages = new long[sources.size()];
        for (int i = 0; i < meta.extentCount(); i++) {
            pages[meta.extent(i).source()] += meta.extent(i).pages();
        }
        title("sources", sources.size());
        for (int i = 0; i < pages.length; i++) {
            Source source = sources.get(i);
            out.printf("  %-8s %s  %d of %d pages%n", source.number() == 0 ? "own" : "%04d".formatted(source.number()),
                    source.id(), pages[i], source.pages());
        }
    }

    private void printRegions() {
        List<Region> regions = meta.regions();
        title("regions", regions.size());
        for (Region.Kind kind : Region.Kind.values()) {
            List<Region> ofKind = regions.stream().filter(region -> region.kind() == kind).toList();
            if (!ofKind.isEmpty()) {
                out.printf("  %-24s %5d  %10s MB reserved  %10d pages stored%n", kind.text(), ofKind.size(),
                        Text.megabytes(ofKind.stream().mapToLong(Region::bytes).sum()),
                        ofKind.stream().mapToLong(this::storedPages).sum());
            }
        }
    }

    private long storedPages(Region region) {
        long pages = 0;
        for (long i = region.firstExtent(); i < region.firstExtent() + region.extents(); i++) {
            pages += meta.extent((int) i).pages();
        }
        return pages;
    }

    private void printThreads() {
        List<StoredThread> threads = meta.threads();
        title("threads", threads.size());
        threads.forEach(thread -> out.printf("  %-8d %s%n", thread.tid(), thread.name()));
    }

    private void printDescriptors() {
        List<Descriptor> descriptors = meta.descriptors();
        title("descriptors", descriptors.size());
        for (Descriptor descriptor : descriptors) {
            String same = descriptor.sameAs() >= 0 ? " of " + descriptor.sameAs() : "";
            String name = (descriptor.path() + " " + descriptor.address()).strip();
            out.printf("  %-8d %s%n", descriptor.fd(), (descriptor.kind().text() + same + " " + name).strip());
        }
    }

    private void printFiles() {
        List<StoredFile> files = meta.files();
        title("files that must be unchanged", files.size());
        files.forEach(file -> out.printf("  %-12d %s  %s%n", file.size(), Text.time(file.modified()), file.path()));
    }

    private void line(String name, Object value) {
        out.printf("%-" + NAME_WIDTH + "s %s%n", name + ":", value);
    }

    private void title(String name, int count) {
        out.printf("%s: %d%n", name, count);
    }
}
