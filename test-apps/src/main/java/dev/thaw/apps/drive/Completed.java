// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.drive;

import java.util.List;

/** A command that has ended: its exit status and what it wrote, stdout and stderr together. */
public record Completed(int status, String output) {
    public static Completed run(List<String> command) {
        return of(RunningProcess.start(command));
    }

    public static Completed run(String... command) {
        return run(List.of(command));
    }

    public static Completed run(ProcessBuilder builder) {
        return of(RunningProcess.start(builder));
    }

    private static Completed of(RunningProcess process) {
        try (process) {
            int status = process.awaitExit();
            return new Completed(status, String.join("\n", process.output()));
        }
    }
}
