// SPDX-License-Identifier: Apache-2.0
package dev.thaw.jcmd;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What {@code jcmd <pid> help} says of our commands, in HotSpot's layout (HelpDCmd of diagnosticCommand.cpp). */
final class Help {
    static final String CHECKPOINT = "JDK.checkpoint";
    static final String STATUS = "Thaw.status";

    private static final String CHECKPOINT_TEXT = """
            JDK.checkpoint
            Write a snapshot of this JVM, from which 'thaw restore' continues it, and end the process.

            Impact: High: calls the application's beforeCheckpoint callbacks, collects garbage before a full snapshot, and stops all threads while it is written.

            Syntax : JDK.checkpoint [options]

            Options: (options must be specified using the <key> or <key>=<value> syntax)
            \tto : [optional] Folder of the snapshots; relative to the JVM's working directory (STRING, what the agent was started with)
            \tkeep_running : [optional] Let the process run on after the snapshot (BOOLEAN, false)
            \tfull : [optional] Write all pages, also where only those changed since the last snapshot are needed (BOOLEAN, false)
            \tgc : [optional] Collect garbage before: true, false, auto (before a full snapshot), or young (and G1's eden before a delta) (STRING, auto)
            \tquiesce_timeout : [optional] Seconds in which all threads must have stopped (DOUBLE, 10)
            \tlabels : [optional] Labels of this snapshot, name=value,name=$VARIABLE,VARIABLE or @FILE with one a line (STRING, no default value)
            \tmetrics : [optional] Numbers that go with this snapshot, name=number,name=number or @FILE with one a line (STRING, no default value)
            """;

    private static final String STATUS_TEXT = """
            Thaw.status
            Print what is loaded, tracked and written of the snapshots of this JVM.

            Impact: Low

            Syntax : Thaw.status
            """;

    /** By name: the text of {@code help <name>}. */
    private static final Map<String, String> TEXTS =
            new TreeMap<>(Map.of(CHECKPOINT, CHECKPOINT_TEXT, STATUS, STATUS_TEXT));

    private Help() {}

    static boolean isOurs(String name) {
        return TEXTS.containsKey(name);
    }

    static String of(String name) {
        return TEXTS.get(name);
    }

    /** HotSpot's list, that of {@code help -all} too, with ours at their places in the alphabet. */
    static String merge(String hotspots) {
        boolean explained = hotspots.contains("\n\t");
        List<String> lines = new ArrayList<>(List.of(hotspots.split("\n", -1)));
        for (String name : TEXTS.keySet()) {
            int place = placeOf(name, lines);
            if (place >= 0) {
                lines.addAll(place, explained ? List.of(name, "\t" + description(name), "") : List.of(name));
            }
        }
        return String.join("\n", lines);
    }

    private static String description(String name) {
        return TEXTS.get(name).split("\n")[1];
    }

    /** Before the first name that follows; HotSpot's last, "help", is the only one without a dot. */
    private static int placeOf(String name, List<String> lines) {
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.equals("help") || (isName(line) && line.compareTo(name) > 0)) {
                return i;
            }
        }
        return -1;
    }

    private static boolean isName(String line) {
        return line.matches("[A-Z]\\w*\\.\\w+");
    }
}
