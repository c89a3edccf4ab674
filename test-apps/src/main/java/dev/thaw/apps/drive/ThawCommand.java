// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.drive;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The `thaw` executable: restores, which become the JVM, and the tools, which end. */
public final class ThawCommand {
    /** Documented exit statuses. */
    public static final int REFUSED = 1;
    public static final int FAILED_LATE = 85;
    public static final int BAD_PAGE = 86;
    /** Of the process that was checkpointed. */
    public static final int CHECKPOINTED = 137;

    private ThawCommand() {}

    public static RunningProcess restore(Path snapshot, String... options) {
        return restore(List.of(), snapshot, options);
    }

    /** With a command in front, such as a change of user. */
    public static RunningProcess restore(List<String> prefix, Path snapshot, String... options) {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(Artefacts.THAW.toString(), "restore", snapshot.toString()));
        command.addAll(List.of(options));
        return RunningProcess.start(command);
    }

    /** A tool, or a restore that must end by itself. */
    public static Completed run(String... arguments) {
        List<String> command = new ArrayList<>(List.of(Artefacts.THAW.toString()));
        command.addAll(List.of(arguments));
        return Completed.run(command);
    }
}
