// SPDX-License-Identifier: Apache-2.0
package dev.thaw.forked;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The tools of some JDK. */
public record Tool(Path javaHome) {
    /** What a tool printed, on both streams. */
    public record Completed(int status, String output) {}

    public static Tool ofThisJdk() {
        return new Tool(Path.of(System.getProperty("java.home")));
    }

    /** @return null when there is none under /usr/lib/jvm */
    public static Tool ofJdk(int version) throws IOException {
        if (Runtime.version().feature() == version) {
            return ofThisJdk();
        }
        Path installed = Path.of("/usr/lib/jvm");
        if (!Files.isDirectory(installed)) {
            return null;
        }
        try (Stream<Path> homes = Files.list(installed)) {
            return homes.filter(home -> home.getFileName().toString().contains("-" + version))
                    .filter(home -> Files.isExecutable(home.resolve("bin/jcmd")))
                    .findFirst().map(Tool::new).orElse(null);
        }
    }

    public Completed jcmd(ForkedJvm jvm, String... command) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(Long.toString(jvm.pid())));
        arguments.addAll(List.of(command));
        return run("jcmd", arguments.toArray(String[]::new));
    }

    public Completed run(String tool, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(javaHome.resolve("bin").resolve(tool).toString()));
        command.addAll(List.of(arguments));
        Path output = Files.createTempFile("tool", ".txt");
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile())
                    .start();
            if (!process.waitFor(ForkedJvm.DEADLINE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(command + " does not end:\n" + Files.readString(output));
            }
            return new Completed(process.exitValue(), Files.readString(output));
        } finally {
            Files.delete(output);
        }
    }
}
