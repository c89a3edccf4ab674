// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.drive;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Measured values by name, told as minimum, median and maximum. */
public final class Samples {
    private final Map<String, List<Double>> values = new LinkedHashMap<>();

    /** NaN, a figure that was not to be had, is left out. */
    public void add(String name, double value) {
        List<Double> list = values.computeIfAbsent(name, key -> new ArrayList<>());
        if (!Double.isNaN(value)) {
            list.add(value);
        }
    }

    public String table(String title) {
        StringBuilder text = new StringBuilder(row(title, "min", "median", "max"));
        values.forEach((name, list) -> {
            List<Double> sorted = list.stream().sorted().toList();
            if (sorted.isEmpty()) {
                text.append(row(name, "-", "-", "-"));
            } else {
                text.append(row(name, cell(sorted.getFirst()), cell(median(sorted)), cell(sorted.getLast())));
            }
        });
        return text.toString();
    }

    private static double median(List<Double> sorted) {
        int half = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(half) : (sorted.get(half - 1) + sorted.get(half)) / 2;
    }

    private static String cell(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    private static String row(String name, String min, String median, String max) {
        return String.format("%-52s %9s %9s %9s%n", name, min, median, max);
    }
}
