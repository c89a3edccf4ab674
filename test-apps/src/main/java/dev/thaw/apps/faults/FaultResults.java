// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.faults;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** All that faultbench printed: restore-core/src/bench/c/bench.h has the form of its lines. */
public final class FaultResults {
    private static final String SAMPLE = "sample";
    private static final String NOTE = "note";
    private static final String LAST = "done";

    private final Map<String, FaultTable> tables = new LinkedHashMap<>();
    private final Set<String> notes = new LinkedHashSet<>();
    private boolean complete;

    /** One line; others than samples and notes are left alone. */
    public void read(String line) {
        String[] fields = line.split("\t");
        if (fields[0].equals(SAMPLE) && fields.length == 6) {
            tables.computeIfAbsent(fields[1], FaultTable::new)
                    .add(fields[2], fields[3], fields[4], Double.parseDouble(fields[5]));
        } else if (fields[0].equals(NOTE) && fields.length == 2) {
            notes.add(fields[1]);
        } else if (line.equals(LAST)) {
            complete = true;
        }
    }

    /** The program came to its end: all bytes were right. */
    public boolean isComplete() {
        return complete;
    }

    public Collection<FaultTable> tables() {
        return tables.values();
    }

    public FaultTable table(String name) {
        return tables.getOrDefault(name, new FaultTable(name));
    }

    public Collection<String> notes() {
        return notes;
    }

    /** Every value of every round. */
    public List<String> csv() {
        List<String> lines = new ArrayList<>(List.of("table,variant,column,unit,round,value"));
        for (FaultTable table : tables.values()) {
            for (String variant : table.variants()) {
                for (String column : table.columns()) {
                    addRounds(lines, table, variant, column);
                }
            }
        }
        return lines;
    }

    private static void addRounds(List<String> lines, FaultTable table, String variant, String column) {
        int round = 1;
        for (double value : table.rounds(variant, column)) {
            lines.add(String.format(Locale.ROOT, "%s,\"%s\",\"%s\",%s,%d,%.4f", table.name(), variant, column,
                    table.unit(), round++, value));
        }
    }
}
