// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import org.crac.CheckpointException;
import org.crac.Context;
import org.crac.Core;
import org.crac.Resource;
import org.crac.RestoreException;

/**
 * An application that knows org.crac and nothing else.
 *
 * <p>{@code CracResources [NAME[:MODE]]...} registers a resource for each; MODE {@code failing-checkpoint},
 * {@code failing-restore} or {@code failing} says which calls throw. Commands on stdin: {@code checkpoint}
 * (by Core.checkpointRestore), {@code where} (the jar of org.crac), {@code ping}, {@code end}.
 */
public final class CracResources {
    private record Logged(String name, String mode) implements Resource {
        @Override
        public void beforeCheckpoint(Context<? extends Resource> context) {
            System.out.println("beforeCheckpoint " + name);
            if (mode.equals("failing") || mode.equals("failing-checkpoint")) {
                throw new IllegalStateException(name + " refuses the checkpoint");
            }
        }

        @Override
        public void afterRestore(Context<? extends Resource> context) throws IOException {
            System.out.println("afterRestore " + name);
            if (mode.equals("failing") || mode.equals("failing-restore")) {
                throw new IOException(name + " refuses the restore");
            }
        }
    }

    /** The global context holds its resources weakly. */
    private static final List<Resource> KEPT = new ArrayList<>();

    private CracResources() {}

    public static void main(String[] args) throws IOException {
        for (String arg : args) {
            String[] parts = arg.split(":");
            Resource resource = new Logged(parts[0], parts.length > 1 ? parts[1] : "");
            KEPT.add(resource);
            Core.getGlobalContext().register(resource);
        }
        System.gc();
        System.out.println("ready");
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            switch (line) {
                case "checkpoint" -> checkpoint();
                case "where" -> System.out.println("org.crac is in "
                        + Core.class.getProtectionDomain().getCodeSource().getLocation());
                case "ping" -> System.out.println("pong");
                case "end" -> System.exit(0);
                default -> System.out.println("unknown command " + line);
            }
        }
    }

    private static void checkpoint() {
        try {
            Core.checkpointRestore();
            System.out.println("checkpointRestore returned");
        } catch (CheckpointException e) {
            tell("CheckpointException", e);
        } catch (RestoreException e) {
            tell("RestoreException", e);
        }
    }

    private static void tell(String kind, Exception e) {
        for (Throwable suppressed : e.getSuppressed()) {
            System.out.println("suppressed " + suppressed.getClass().getName() + ": " + suppressed.getMessage());
        }
        System.out.println("caught " + kind + " with " + e.getSuppressed().length + " suppressed");
    }
}
