// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.harness;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.thaw.apps.drive.Completed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Commands on a machine that has been up for longer, as a time namespace shows it: the boot id is this machine's. */
public final class OtherClock {
    /** By so much it has been up longer: far more than any deadline. */
    public static final long SECONDS = 10_000_000;

    private OtherClock() {}

    /** What to put in front of a command. The process stays the same: execve enters the namespace. */
    public static List<String> prefix() {
        return List.of("unshare", "--time", "--monotonic", "" + SECONDS, "--boottime", "" + SECONDS);
    }

    /** Skips the test where no time namespace can be made as this user. */
    public static void mustBeAllowed() {
        Completed probe = Completed.run("unshare", "--time", "true");
        assumeTrue(probe.status() == 0, "no time namespace here: " + probe.output());
    }

    /** Skips the test where an ordinary user cannot make a time namespace in a user namespace of its own. */
    public static void mustBeAllowedToUsers() {
        List<String> command = new ArrayList<>(OtherUser.prefix());
        command.addAll(List.of("unshare", "--user", "--map-current-user", "--time", "true"));
        Completed probe = Completed.run(command);
        assumeTrue(probe.status() == 0, "no user namespace with a time namespace here: " + probe.output());
    }

    /** A text that names the namespace. */
    public static String of(long pid) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/time")).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What its namespace adds to CLOCK_MONOTONIC: seconds, nanoseconds. */
    public static String offset(long pid) {
        try {
            String line = Files.readAllLines(Path.of("/proc/" + pid + "/timens_offsets")).getFirst();
            return line.replaceAll(" +", " ").replace("monotonic ", "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Of this process. */
    public static String own() {
        return of(ProcessHandle.current().pid());
    }
}
