// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.harness;

import dev.thaw.apps.drive.Artefacts;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** An application under test-apps/frameworks, built by its own pom.xml; `jar` is what that makes. */
public record Framework(String name, String jar, List<String> vmOptions, List<String> arguments) {
    public static Framework of(String name, String jar, String... arguments) {
        return new Framework(name, jar, List.of(), List.of(arguments));
    }

    /** The same with more VM options. */
    public Framework with(String... options) {
        List<String> all = new ArrayList<>(vmOptions);
        all.addAll(List.of(options));
        return new Framework(name, jar, List.copyOf(all), arguments);
    }

    /** Under the agent; {@code {port}} in the options and arguments becomes the port. */
    public RunningProcess start(SnapshotDirectory to, int port) {
        Path built = Path.of(System.getProperty("thaw.frameworks"), name, "target", jar);
        if (!Files.isRegularFile(built)) {
            throw new IllegalStateException(built + " is missing: build it with mvn verify -Pframeworks");
        }
        List<String> command = new ArrayList<>(List.of(Artefacts.java(), "-javaagent:" + Artefacts.AGENT + "=to="
                + to.path()));
        vmOptions.forEach(option -> command.add(withPort(option, port)));
        command.addAll(List.of("-jar", built.toString()));
        arguments.forEach(argument -> command.add(withPort(argument, port)));
        return RunningProcess.start(command);
    }


    private static String withPort(String text, int port) {
        return text.replace("{port}", Integer.toString(port));
    }

    @Override
    public String toString() {
        return name + " " + String.join(" ", vmOptions) + String.join(" ", arguments);
    }
}
