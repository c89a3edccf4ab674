// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.drive;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An application under test-apps/frameworks, built by its own pom.xml; {@code jar} is what that makes. In its options
 * and arguments {@code {port}} stands for the port it shall listen on.
 */
public record Framework(String name, String jar, List<String> vmOptions, List<String> arguments) {
    private static final String SPRING_PORT = "--server.port={port}";

    /** Those that answer /greeting with "hello". */
    public static final List<Framework> ALL = List.of(
            of("spring-boot-3", "app.jar", SPRING_PORT),
            of("spring-boot-4", "app.jar", SPRING_PORT),
            of("quarkus", "app-runner.jar").with("-Dquarkus.http.port={port}"),
            of("micronaut", "app.jar").with("-Dmicronaut.server.port={port}"),
            of("javalin", "app.jar", "{port}"), // Jetty on virtual threads
            of("helidon", "app.jar").with("-Dserver.port={port}"),
            of("netty", "app.jar", "nio", "{port}"),
            of("netty", "app.jar", "epoll", "{port}").with("--enable-native-access=ALL-UNNAMED"));

    /** Answers {@code com.example.HelloWorldClient} in the same jar. */
    public static final Framework GRPC = of("grpc", "app.jar", "{port}")
            .with("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow");
    /** Wants {@code -Dlog.dir}; listens on no port. */
    public static final Framework WORKER = of("worker", "app.jar");
    /** Wants a folder for its index and its database. */
    public static final Framework SEARCH = of("search", "app.jar", "{port}")
            .with("--enable-native-access=ALL-UNNAMED");

    /** One of {@link #ALL}. */
    public static Framework named(String name) {
        return ALL.stream().filter(framework -> framework.name.equals(name)).findFirst().orElseThrow();
    }

    private static Framework of(String name, String jar, String... arguments) {
        return new Framework(name, jar, List.of(), List.of(arguments));
    }

    /** The same with more VM options. */
    public Framework with(String... options) {
        List<String> all = new ArrayList<>(vmOptions);
        all.addAll(List.of(options));
        return new Framework(name, jar, List.copyOf(all), arguments);
    }

    /** The same with more arguments. */
    public Framework withArguments(String... more) {
        List<String> all = new ArrayList<>(arguments);
        all.addAll(List.of(more));
        return new Framework(name, jar, vmOptions, List.copyOf(all));
    }

    public boolean isSpring() {
        return name.startsWith("spring");
    }

    /** Under the agent. */
    public RunningProcess start(SnapshotDirectory to, int port) {
        return with("-javaagent:" + Artefacts.AGENT + "=to=" + to.path()).start(port);
    }

    /** As it is. */
    public RunningProcess start(int port) {
        Path built = built();
        List<String> command = new ArrayList<>(List.of(Artefacts.java()));
        vmOptions.forEach(option -> command.add(withPort(option, port)));
        command.addAll(List.of("-jar", built.toString()));
        arguments.forEach(argument -> command.add(withPort(argument, port)));
        return RunningProcess.start(command);
    }

    public Path built() {
        Path built = Artefacts.FRAMEWORKS.resolve(name).resolve("target").resolve(jar);
        if (!Files.isRegularFile(built)) {
            throw new IllegalStateException(built + " is missing: build it with mvn verify -Pframeworks -DskipITs");
        }
        return built;
    }

    private static String withPort(String text, int port) {
        return text.replace("{port}", Integer.toString(port));
    }

    @Override
    public String toString() {
        return name + (name.equals("netty") ? " " + arguments.get(0) : "");
    }
}
