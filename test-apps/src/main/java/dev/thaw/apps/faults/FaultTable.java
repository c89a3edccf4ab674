// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.faults;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/** What one table of faultbench measured: a value for each variant, column and round. Its first variant is mmap. */
public final class FaultTable {
    private static final String BESIDE = ", beside others";
    private static final int NAME_WIDTH = 50;

    private final String name;
    private final Map<String, Map<String, List<Double>>> values = new LinkedHashMap<>();
    private final Set<String> columns = new LinkedHashSet<>();
    private String unit = "";

    FaultTable(String name) {
        this.name = name;
    }

    void add(String variant, String column, String unitOfValue, double value) {
        unit = unitOfValue;
        columns.add(column);
        values.computeIfAbsent(variant, key -> new LinkedHashMap<>())
                .computeIfAbsent(column, key -> new ArrayList<>()).add(value);
    }

    public String name() {
        return name;
    }

    public String unit() {
        return unit;
    }

    public List<String> variants() {
        return List.copyOf(values.keySet());
    }

    public List<String> columns() {
        return List.copyOf(columns);
    }

    /** In the order of the rounds. */
    public List<Double> rounds(String variant, String column) {
        return values.getOrDefault(variant, Map.of()).getOrDefault(column, List.of());
    }

    /** Empty: not measured here. */
    public OptionalDouble median(String variant, String column) {
        List<Double> sorted = rounds(variant, column).stream().sorted().toList();
        if (sorted.isEmpty()) {
            return OptionalDouble.empty();
        }
        int half = sorted.size() / 2;
        return OptionalDouble.of(sorted.size() % 2 == 1 ? sorted.get(half)
                : (sorted.get(half - 1) + sorted.get(half)) / 2);
    }

    /** The first variant, under the same circumstances. */
    private String baseline(String variant) {
        String first = variants().getFirst();
        String beside = first + BESIDE;
        return variant.endsWith(BESIDE) && values.containsKey(beside) ? beside : first;
    }

    /** To mmap; empty where nothing of mmap is in the table. */
    public OptionalDouble ratio(String variant, String column) {
        OptionalDouble base = median(baseline(variant), column);
        OptionalDouble own = median(variant, column);
        boolean known = variants().getFirst().contains("mmap") && !unit.equals("%")
                && own.isPresent() && base.isPresent() && base.getAsDouble() > 0;
        return known ? OptionalDouble.of(own.getAsDouble() / base.getAsDouble()) : OptionalDouble.empty();
    }

    /** Medians, each with its ratio to mmap behind it. */
    public String text() {
        StringBuilder text = new StringBuilder(String.format("%-" + NAME_WIDTH + "s", title()));
        columns.forEach(column -> text.append(String.format(" %17s", column)));
        text.append('\n');
        for (String variant : values.keySet()) {
            text.append(String.format("%-" + NAME_WIDTH + "s", variant));
            for (String column : columns) {
                text.append(String.format(" %9s %7s", cell(median(variant, column)), times(ratio(variant, column))));
            }
            text.append('\n');
        }
        return text.toString();
    }

    static String cell(OptionalDouble value) {
        return value.isEmpty() ? "-" : number(value.getAsDouble());
    }

    /** Three digits that count, and no more behind the point than they need. */
    static String number(double value) {
        int decimals = value >= 100 ? 0 : value >= 10 ? 1 : 2;
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }

    private static String times(OptionalDouble ratio) {
        return ratio.isEmpty() ? "" : number(ratio.getAsDouble()) + "x";
    }

    /** What is measured, and its unit. */
    public String title() {
        return switch (name) {
            case "warm" -> "Touch everything, page cache warm, " + unit;
            case "cold" -> "Touch everything, page cache cold, " + unit;
            case "windows" -> "By the window around a fault, " + unit;
            case "costs" -> "What a page costs in one thread, " + unit;
            case "tracking" -> "What dirty tracking costs, " + unit;
            case "scaling" -> "Faults a second, by threads";
            case "reset" -> "Dirty 1 MB, reset, again: resets/s, by threads";
            case "reset-cpu" -> "The same: CPU utilisation, %, by threads";
            case "latency-p50" -> "An access that faults: median, us, by threads";
            case "latency-p99" -> "An access that faults: p99, us, by threads";
            case "latency-max" -> "An access that faults: the longest, us, by threads";
            default -> name;
        };
    }
}
