// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;

/** A JVM of this JDK with an agent: {@code main} and {@code premain} of a class on the class path of the tests. */
record PatchedJvm(int status, String output) {
    private static final long TIMEOUT_SECONDS = 120;

    static PatchedJvm run(Path folder, Class<?> main, List<String> options, String... arguments)
            throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java",
                "-javaagent:" + agentJar(folder, main), "-cp", classPath()));
        command.addAll(options);
        command.addAll(Stream.of(System.getProperty("thaw.test.app", "").split(" ")).filter(s -> !s.isEmpty()).toList());
        command.add(main.getName());
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
        if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
            throw new IOException("no end within %d s: %s".formatted(TIMEOUT_SECONDS, Files.readString(output)));
        }
        return new PatchedJvm(process.exitValue(), Files.readString(output));
    }

    /** Surefire's own java.class.path is a jar with a manifest. */
    private static String classPath() {
        return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }

    private static Path agentJar(Path folder, Class<?> main) throws IOException {
        Manifest manifest = new Manifest();
        Attributes attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.put(new Attributes.Name("Premain-Class"), main.getName());
        attributes.put(new Attributes.Name("Can-Redefine-Classes"), "true");
        attributes.put(new Attributes.Name("Can-Retransform-Classes"), "true");
        Path jar = folder.resolve("agent.jar");
        try (OutputStream file = Files.newOutputStream(jar)) {
            new JarOutputStream(file, manifest).close();
        }
        return jar;
    }
}
