// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import dev.thaw.apps.drive.Artefacts;
import dev.thaw.apps.drive.ImagePages;
import dev.thaw.apps.drive.ImagePages.InMemory;
import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.ProcessState;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * {@code CloneBenchmark [CLONES [HEAP_MB [G1|Serial|Parallel]]]}: memory of clones of one snapshot that run at the same time,
 * beside as many processes that map the same image privately, in MB a process.
 *
 * <p>For each clone a {@link MappedClone} maps every extent of private memory. It reads each page of the image that the clone
 * has, and writes those that the clone has written, so what Thaw loads ahead of the application is touched in both.
 *
 * <ul>
 * <li>Thaw: {@code process} is the PSS of the whole process (shared pages count by their share); {@code image} are the pages of
 *     the image that it has, all its own; {@code absent} those it does not have; {@code written} those it has and has written since the
 *     restore; {@code zone} is the PSS of libthaw.so and its tables; {@code tables} are its page tables, which PSS leaves out.
 *     What absent pages cost is in the last two.
 * <li>mapped: {@code image} is the PSS of the mappings of the pages file, in which are the pages that the kernel maps around a
 *     read; {@code copied} the copies that writes have made; {@code tables} the page tables that came with mapping and touching.
 * </ul>
 *
 * <p>The clones are stopped by SIGSTOP when they are measured. What they have written is known when all is write-protected,
 * which needs them to run on: a page that is not protected at the stop counts, unless it is protected then.
 */
public final class CloneBenchmark {
    private static final double MEGABYTE = 1e6;
    private static final int RECORDING_RESTORES = 2;
    private static final long ZONE_START = 0x200000000000L;
    private static final long ZONE_END = 0x220000000000L;
    private static final Jcmd JCMD = Jcmd.ofThisJdk();

    /** Pages of the image that a clone has. */
    private record Touched(BitSet present, BitSet written) {}

    private final int clones;
    private final SnapshotDirectory snapshots;
    private final ImagePages image;
    /** Where a page table's part of the clone's memory lies in {@link MappedClone}: side by side, in the order of addresses. */
    private final Map<Long, Integer> places = new TreeMap<>();

    private CloneBenchmark(int clones, SnapshotDirectory snapshots) {
        this.clones = clones;
        this.snapshots = snapshots;
        image = ImagePages.read(snapshots.meta(1));
        for (ImagePages.Extent extent : image.extents()) {
            long end = extent.start() + (long) extent.pages() * ImagePages.PAGE_BYTES;
            for (long part = extent.start() / MappedClone.TABLE_BYTES; part * MappedClone.TABLE_BYTES < end; part++) {
                places.putIfAbsent(part, places.size());
            }
        }
    }

    public static void main(String[] args) {
        int clones = args.length > 0 ? Integer.parseInt(args[0]) : 10;
        String heap = args.length > 1 ? args[1] : "256";
        String collector = args.length > 2 ? args[2] : "G1";
        try (SnapshotDirectory snapshots = SnapshotDirectory.create()) {
            checkpoint(snapshots, heap, collector);
            CloneBenchmark benchmark = new CloneBenchmark(clones, snapshots);
            System.out.printf("%d clones, %s MB live heap, %s; image %.1f MB in %d extents; MB a process%n%n", clones, heap,
                    collector, benchmark.imageMegabytes(), benchmark.image.extents().size());
            System.out.printf("%-38s %46s %25s%n", "", "-------------------- Thaw --------------------", "-------- mapped ---------");
            System.out.printf("%-38s %8s %8s %8s %7s %5s %6s  %8s %7s %7s%n", "", "process", "image", "absent", "written", "zone",
                    "tables", "image", "copied", "tables");
            benchmark.measure("after the first answer, prefetch=off", false, "-Dthaw.prefetch=off");
            benchmark.measure("after the first answer", false, "-Dthaw.prefetch=on");
            benchmark.measure("when all is loaded", true, "-Dthaw.prefetch=on");
        }
    }

    private static void checkpoint(SnapshotDirectory snapshots, String heap, String collector) {
        List<String> command = List.of(Artefacts.java(), "-javaagent:" + Artefacts.AGENT + "=to=" + snapshots.path(),
                "-XX:+Use" + collector + "GC", "-Xmx" + 2 * Integer.parseInt(heap) + "m", "-cp",
                Artefacts.TEST_APPS.toString(), RecordsOnStdin.class.getName(), heap);
        try (RunningProcess original = RunningProcess.start(command)) {
            original.awaitLine("ready");
            answer(original);
            JCMD.checkpoint(original);
            original.awaitExit();
        }
        for (int i = 0; i < RECORDING_RESTORES; i++) {
            try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
                answer(restored);
                JCMD.awaitStatus(restored, status -> status.value("working set recording").equals("no"), "ended its record");
            }
        }
    }

    private static void answer(RunningProcess process) {
        process.send("7");
        process.awaitLine("record 7 .*");
    }

    private void measure(String what, boolean whole, String option) {
        List<Touched> touched;
        StringBuilder row = new StringBuilder("%-38s".formatted(what));
        List<RunningProcess> running = new ArrayList<>();
        try {
            for (int i = 0; i < clones; i++) {
                running.add(ThawCommand.restore(snapshots.path(), option));
                answer(running.getLast());
                if (!whole) {
                    running.getLast().signal("STOP");
                }
            }
            if (whole) {
                running.forEach(JCMD::awaitAllLoaded);
                running.forEach(CloneBenchmark::awaitProtected);
                running.forEach(clone -> clone.signal("STOP"));
            }
            double process = mean(running, clone -> ProcessState.proportionalBytes(clone.pid()));
            double zone = mean(running, CloneBenchmark::zoneBytes);
            double tables = mean(running, clone -> ProcessState.pageTableBytes(clone.pid()));
            touched = touched(running);
            double present = mean(touched, pages -> bytes(pages.present()));
            row.append(" %8.1f %8.1f %8.1f %7.1f %5.1f %6.2f".formatted(process, present, imageMegabytes() - present,
                    mean(touched, pages -> bytes(pages.written())), zone, tables));
        } finally {
            running.forEach(RunningProcess::close);
        }
        System.out.println(row.append(mapped(touched)));
    }

    private double imageMegabytes() {
        return (double) image.pages() * ImagePages.PAGE_BYTES / MEGABYTE;
    }

    private static <T> double mean(List<T> of, ToDoubleFunction<T> bytes) {
        return of.stream().mapToDouble(bytes).average().orElseThrow() / MEGABYTE;
    }

    private static double bytes(BitSet pages) {
        return (double) pages.cardinality() * ImagePages.PAGE_BYTES;
    }

    private static void awaitProtected(RunningProcess clone) {
        JCMD.awaitStatus(clone, status -> status.number("to be write-protected") == 0, "protected its memory");
    }

    private static double zoneBytes(RunningProcess clone) {
        return ProcessState.mappings(clone.pid()).stream()
                .filter(mapping -> mapping.start() >= ZONE_START && mapping.start() < ZONE_END)
                .mapToLong(ProcessState.Mapping::proportionalBytes).sum();
    }

    /** The bytes of one clone are compared, so that what counts as read is the image's indeed. */
    private List<Touched> touched(List<RunningProcess> stopped) {
        List<InMemory> atStop = stopped.stream().map(clone -> image.of(clone.pid())).toList();
        BitSet changed = image.differing(stopped.getFirst().pid(), atStop.getFirst().present(), snapshots.pages(1));
        stopped.forEach(clone -> clone.signal("CONT"));
        stopped.forEach(CloneBenchmark::awaitProtected);
        List<Touched> touched = IntStream.range(0, stopped.size()).mapToObj(i -> {
            InMemory later = image.of(stopped.get(i).pid());
            BitSet written = (BitSet) atStop.get(i).unprotected().clone();
            later.present().andNot(later.unprotected());
            written.andNot(later.present());
            return new Touched(atStop.get(i).present(), written);
        }).toList();
        changed.andNot(touched.getFirst().written());
        if (!changed.isEmpty()) {
            throw new IllegalStateException(changed.cardinality() + " pages count as read, but differ from the image");
        }
        return touched;
    }

    private String mapped(List<Touched> touched) {
        List<RunningProcess> running = new ArrayList<>();
        List<String> command = List.of(Artefacts.java(), "-XX:+UseSerialGC", "-Xmx32m", "--enable-native-access=ALL-UNNAMED",
                "-cp", Artefacts.TEST_APPS.toString(), MappedClone.class.getName(), snapshots.pages(1).toString(),
                Long.toString(places.size() * MappedClone.TABLE_BYTES));
        try {
            for (Touched pages : touched) {
                running.add(RunningProcess.start(command));
                running.getLast().awaitLine("started");
            }
            double tablesBefore = mean(running, clone -> ProcessState.pageTableBytes(clone.pid()));
            for (int i = 0; i < touched.size(); i++) {
                running.get(i).send(commands(touched.get(i)));
                running.get(i).awaitLine("ready");
            }
            double tables = mean(running, clone -> ProcessState.pageTableBytes(clone.pid())) - tablesBefore;
            List<List<ProcessState.Mapping>> mappings = running.stream().map(this::ofImage).toList();
            return "  %8.1f %7.1f %7.2f".formatted(
                    mean(mappings, of -> of.stream().mapToLong(ProcessState.Mapping::proportionalBytes).sum()),
                    mean(mappings, of -> of.stream().mapToLong(ProcessState.Mapping::anonymousBytes).sum()), tables);
        } finally {
            running.forEach(RunningProcess::close);
        }
    }

    private List<ProcessState.Mapping> ofImage(RunningProcess clone) {
        String path = snapshots.pages(1).toString();
        return ProcessState.mappings(clone.pid()).stream().filter(mapping -> mapping.path().equals(path)).toList();
    }

    private String commands(Touched touched) {
        StringBuilder commands = new StringBuilder();
        for (ImagePages.Extent extent : image.extents()) {
            commands.append("map %d %d %d%n".formatted(place(extent, extent.first()), extent.pages(), extent.pageInFile()));
        }
        BitSet read = (BitSet) touched.present().clone();
        read.andNot(touched.written());
        for (ImagePages.Extent extent : image.extents()) {
            appendRuns(commands, "write", touched.written(), extent);
            appendRuns(commands, "read", read, extent);
        }
        return commands.append("done").toString();
    }

    private void appendRuns(StringBuilder commands, String what, BitSet pages, ImagePages.Extent extent) {
        int end = extent.first() + extent.pages();
        for (int from = pages.nextSetBit(extent.first()); from >= 0 && from < end;) {
            int to = Math.min(end, pages.nextClearBit(from));
            commands.append("%s %d %d%n".formatted(what, place(extent, from), to - from));
            from = pages.nextSetBit(to);
        }
    }

    private long place(ImagePages.Extent extent, int page) {
        long address = extent.start() + (long) (page - extent.first()) * ImagePages.PAGE_BYTES;
        return places.get(address / MappedClone.TABLE_BYTES) * MappedClone.TABLE_BYTES + address % MappedClone.TABLE_BYTES;
    }
}
