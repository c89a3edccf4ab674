// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.crac;

import java.util.ArrayList;
import java.util.List;
import jdk.crac.CheckpointException;
import jdk.crac.Core;
import jdk.crac.RestoreException;

/**
 * Checkpoints itself again and again.
 *
 * <p>Commands: {@code checkpoint}; {@code history} of the checkpoints it returned from; {@code property NAME};
 * {@code lazy}, a number that a class reads from the property {@code lazy.number} when it is initialized;
 * {@code fill MEGABYTES} of memory, to the end of it.
 */
public final class Generations {
    private static final class ReadsItsPropertyLate {
        static final int NUMBER = Integer.getInteger("lazy.number", -1);

        private ReadsItsPropertyLate() {}
    }

    private static final int MEGABYTE = 1 << 20;
    private static final List<Integer> HISTORY = new ArrayList<>();
    private static List<byte[]> filled = new ArrayList<>();

    private Generations() {}

    public static void main(String[] args) throws Exception {
        Commands.readAll((command, value) -> {
            switch (command) {
                case "checkpoint" -> checkpoint();
                case "history" -> System.out.println("history " + HISTORY);
                case "property" -> System.out.println("property " + System.getProperty(value));
                case "lazy" -> System.out.println("lazy " + ReadsItsPropertyLate.NUMBER);
                case "fill" -> fill(Integer.parseInt(value));
                default -> System.out.println("unknown command " + command);
            }
        });
    }

    private static void checkpoint() {
        int generation = HISTORY.size() + 1;
        try {
            Core.checkpointRestore();
            HISTORY.add(generation);
            System.out.println("returned " + generation);
        } catch (CheckpointException | RestoreException e) {
            System.out.println("caught " + e.getClass().getSimpleName() + " " + List.of(e.getSuppressed()));
        }
    }

    private static void fill(int megabytes) {
        try {
            for (int i = 0; i < megabytes; i++) {
                filled.add(new byte[MEGABYTE]);
            }
            System.out.println("filled " + filled.size());
        } catch (OutOfMemoryError e) {
            int size = filled.size();
            filled = new ArrayList<>();
            System.out.println("out of memory after " + size);
        }
    }
}
