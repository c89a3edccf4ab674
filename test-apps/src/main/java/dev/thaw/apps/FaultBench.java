// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import dev.thaw.apps.drive.Artefacts;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.faults.FaultPicture;
import dev.thaw.apps.faults.FaultResults;
import dev.thaw.apps.faults.FaultTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code FaultBench [--csv FILE] [--svg FILE] [--lines FILE] [--tables warm,cold,windows,costs,tracking,latency,reset]
 * [--mb N] [--cold-mb N] [--rounds N] [--threads N,N,...] [--region-mb N] [--resets N] [--only TEXT] [--folder DIR]}
 *
 * <p>Runs the C program restore-core/target/faultbench, which is linked with libthaw.so's object files, and shows its
 * tables: docs/faultbench.md explains them. {@code --lines} shows what the program printed at another time.
 */
public final class FaultBench {
    private static final Duration DEADLINE = Duration.ofHours(6);

    private final List<String> command = new ArrayList<>();
    private final FaultResults results = new FaultResults();
    private Path csv;
    private Path svg;
    private Path lines;

    private FaultBench() {}

    public static void main(String[] args) throws IOException {
        FaultBench bench = new FaultBench();
        for (int i = 0; i + 1 < args.length; i += 2) {
            bench.set(args[i], args[i + 1]);
        }
        if (args.length % 2 != 0) {
            throw new IllegalArgumentException(args[args.length - 1] + " wants a value");
        }
        System.exit(bench.run());
    }

    /** The program itself refuses what neither knows. */
    private void set(String key, String value) {
        switch (key) {
            case "--csv" -> csv = Path.of(value);
            case "--svg" -> svg = Path.of(value);
            case "--lines" -> lines = Path.of(value);
            default -> command.addAll(List.of(key, value));
        }
    }

    private int run() throws IOException {
        String machine = machine();
        System.out.println(machine);
        if (lines != null) {
            Files.readAllLines(lines).forEach(results::read);
        } else if (!measure()) {
            return 1;
        }
        System.out.println("medians; behind each its ratio to mmap, the first row\n");
        for (FaultTable table : results.tables()) {
            System.out.println(table.text());
        }
        results.notes().forEach(note -> System.out.println("note: " + note));
        if (csv != null) {
            Files.write(csv, results.csv());
        }
        if (svg != null) {
            List<String> caption = new ArrayList<>(List.of(machine, "dev.thaw.apps.FaultBench " + String.join(" ", command)));
            caption.addAll(results.notes());
            Files.writeString(svg, FaultPicture.of(results, caption));
        }
        return results.isComplete() ? 0 : 1;
    }

    /** False: it failed, and has said why. */
    private boolean measure() {
        command.addFirst(Artefacts.faultbench().toString());
        try (RunningProcess program = RunningProcess.start(command)) {
            int status = program.awaitExit(DEADLINE);
            program.output().forEach(results::read);
            program.errorOutput().forEach(System.err::println);
            return status == 0;
        } finally {
            command.removeFirst();
        }
    }

    private static String machine() throws IOException {
        String model = Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("model name")).findFirst()
                .map(line -> line.substring(line.indexOf(':') + 1).strip()).orElse(System.getProperty("os.arch"));
        String load = Files.readString(Path.of("/proc/loadavg")).split(" ")[0];
        return "%d processors, %s, Linux %s; load average before: %s".formatted(
                Runtime.getRuntime().availableProcessors(), model, System.getProperty("os.version"), load);
    }
}
