// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.crac;

import java.io.FileOutputStream;
import java.net.Socket;
import java.nio.file.Path;
import jdk.crac.CheckpointException;
import jdk.crac.Context;
import jdk.crac.Core;
import jdk.crac.Resource;
import jdk.crac.RestoreException;

/**
 * {@code Hindrances FILE PORT}: a connection to PORT, FILE open for writing, a resource that refuses both calls.
 *
 * <p>Commands: {@code checkpoint} tells each reason with its class; {@code yield} lets the resource agree; {@code close}.
 */
public final class Hindrances implements Resource {
    private boolean refusing = true;

    private Hindrances() {}

    public static void main(String[] args) throws Exception {
        Hindrances hindrances = new Hindrances();
        Core.getGlobalContext().register(hindrances);
        FileOutputStream file = new FileOutputStream(Path.of(args[0]).toFile());
        Socket connection = new Socket("127.0.0.1", Integer.parseInt(args[1]));
        Commands.readAll((command, value) -> {
            switch (command) {
                case "checkpoint" -> checkpoint();
                case "yield" -> hindrances.refusing = false;
                case "close" -> {
                    file.close();
                    connection.close();
                }
                default -> System.out.println("unknown command " + command);
            }
        });
    }

    private static void checkpoint() {
        try {
            Core.checkpointRestore();
            System.out.println("returned");
        } catch (CheckpointException | RestoreException e) {
            for (Throwable each : e.getSuppressed()) {
                System.out.println(each.getClass().getName() + ": " + each.getMessage());
            }
            System.out.println("caught " + e.getClass().getName());
        }
    }

    @Override
    public void beforeCheckpoint(Context<? extends Resource> context) {
        if (refusing) {
            throw new IllegalStateException("refuses the checkpoint");
        }
    }

    @Override
    public void afterRestore(Context<? extends Resource> context) {
        if (refusing) {
            throw new IllegalStateException("refuses the restore");
        }
    }
}
