// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import dev.thaw.apps.drive.Artefacts;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.Samples;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** An agent that does nothing: what any agent costs at the start of a JVM, to be set off against ours. */
public final class EmptyAgent {
    private EmptyAgent() {}

    public static void premain(String options) {
        return;
    }

    /** Start to end of Hello, plain, under this agent, under Thaw's. */
    static void measureStarts(Path parent, int runs, Samples samples) {
        try {
            Path jar = Files.createTempFile(parent, "empty-agent-", ".jar");
            try {
                pack(jar);
                for (int i = 0; i < runs; i++) {
                    samples.add("plain", helloMs());
                    samples.add("under an empty agent", helloMs("-javaagent:" + jar));
                    samples.add("under Thaw's agent", helloMs("-javaagent:" + Artefacts.AGENT + "=to=" + parent));
                }
            } finally {
                Files.delete(jar);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static double helloMs(String... options) {
        List<String> command = new ArrayList<>(List.of(Artefacts.java()));
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", Artefacts.TEST_APPS.toString(), "dev.thaw.apps.Hello"));
        try (RunningProcess hello = RunningProcess.start(command)) {
            hello.awaitExit();
            return (System.nanoTime() - hello.startedNanos()) / 1e6;
        }
    }

    private static void pack(Path jar) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().putValue("Premain-Class", EmptyAgent.class.getName());
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file, manifest);
                InputStream own = EmptyAgent.class.getResourceAsStream("EmptyAgent.class")) {
            out.putNextEntry(new JarEntry("dev/thaw/apps/EmptyAgent.class"));
            own.transferTo(out);
        }
    }
}
