// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** {@code struct thaw_status}: what {@code jcmd <pid> Thaw.status} shows. */
public record CoreStatus(boolean restored, Userfaultfd userfaultfd, boolean tracking, boolean allLoaded,
        boolean prefetch, Optional<Path> parent, int parentNumber, WorkingSet workingSet, Pages pages, Faults faults,
        Pauses pauses, long dirtyPages, long restoreNanos, long loadedNanos) {
    /** {@code dirtyPages} when nothing is tracked. */
    public static final long NOT_TRACKED = -1;

    private static final double NANOS_PER_MICRO = 1e3;
    private static final double NANOS_PER_MILLI = 1e6;

    /** {@code enum thaw_uffd_mode}, in its order. */
    public enum Userfaultfd {
        NOT_AVAILABLE("not available"), USER_MODE_ONLY("user-mode only"), FULL("full");

        private final String text;

        Userfaultfd(String text) {
            this.text = text;
        }
    }

    /** The recorded pages that were loaded first, by how many restores they were recorded; {@code recording}: now. */
    public record WorkingSet(long pages, int rounds, boolean recording) {}

    /**
     * Pages of the image by how they came in; {@code zero} is faults answered by a zero page, {@code byBlocks} and
     * {@code untracked} are part of {@code ahead}: moved in 2 MiB at once, and not write-protected yet.
     */
    public record Pages(long total, long first, long demand, long ahead, long byBlocks, long untracked, long zero,
            long dropped, long missing) {}

    /** Of loading ahead: since faults came, and for the control group's limit, in hundredths of a processor, 0 for none. */
    public record Pauses(long forFaults, long forLimit, long limitPercent) {}

    /** {@code histogram[i]}: faults that took less than 2^i microseconds and no less than half of it. */
    public record Faults(long count, long totalNanos, long maxNanos, long retries, long diskReads, long overtaken,
            long injected, long[] histogram) {
        double meanMicros() {
            return count == 0 ? 0 : totalNanos / NANOS_PER_MICRO / count;
        }

        /** An upper bound of the time that this share of the faults took, a power of two. */
        long atMostMicros(double share) {
            long all = 0;
            for (long faults : histogram) {
                all += faults;
            }
            long seen = 0;
            for (int i = 0; i < histogram.length && all > 0; i++) {
                seen += histogram[i];
                if (seen >= share * all) {
                    return 1L << i;
                }
            }
            return 0;
        }
    }

    /** Lines "key: value"; the keys are fixed, scripts read them. */
    public String toText() {
        Map<String, Object> lines = new LinkedHashMap<>();
        lines.put("restored", yesOrNo(restored));
        lines.put("userfaultfd", userfaultfd.text);
        lines.put("prefetch", prefetch ? "on" : "off");
        lines.put("all loaded", yesOrNo(allLoaded));
        lines.put("working set pages", workingSet.pages());
        lines.put("working set rounds", workingSet.rounds());
        lines.put("working set recording", yesOrNo(workingSet.recording()));
        putPages(lines);
        putFaults(lines);
        lines.put("loader pauses for faults", pauses.forFaults());
        if (pauses.limitPercent() > 0) {
            lines.put("cpu limit percent", pauses.limitPercent());
            lines.put("loader pauses for the cpu limit", pauses.forLimit());
        }
        lines.put("dirty since last checkpoint", dirtyPages == NOT_TRACKED ? "not tracked" : dirtyPages);
        lines.put("parent snapshot", parent.map(Path::toString).orElse("none"));
        lines.put("restore ms", decimal(restoreNanos / NANOS_PER_MILLI));
        lines.put("all loaded ms", decimal(loadedNanos / NANOS_PER_MILLI));
        return lines.entrySet().stream()
                .map(line -> line.getKey() + ": " + line.getValue() + "\n")
                .collect(Collectors.joining());
    }

    private void putPages(Map<String, Object> lines) {
        lines.put("pages total", pages.total());
        lines.put("pages loaded first", pages.first());
        lines.put("loaded on demand", pages.demand());
        lines.put("loaded ahead", pages.ahead());
        lines.put("loaded by huge pages", pages.byBlocks());
        lines.put("to be write-protected", pages.untracked());
        lines.put("zero", pages.zero());
        lines.put("dropped", pages.dropped());
        lines.put("missing", pages.missing());
    }

    private void putFaults(Map<String, Object> lines) {
        lines.put("faults", faults.count());
        lines.put("fault latency mean us", decimal(faults.meanMicros()));
        lines.put("fault latency p50 us", faults.atMostMicros(0.5));
        lines.put("fault latency p99 us", faults.atMostMicros(0.99));
        lines.put("fault latency max us", decimal(faults.maxNanos() / NANOS_PER_MICRO));
        lines.put("fault retries", faults.retries());
        lines.put("faults from disk", faults.diskReads());
        lines.put("faults beside a wait for the disk", faults.overtaken());
        if (faults.injected() > 0) {
            lines.put("faults injected", faults.injected());
        }
    }

    private static String yesOrNo(boolean value) {
        return value ? "yes" : "no";
    }

    private static String decimal(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
