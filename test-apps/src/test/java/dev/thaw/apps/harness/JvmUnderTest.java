// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.harness;

import dev.thaw.apps.drive.Artefacts;
import dev.thaw.apps.drive.RunningProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** How a JVM is to be started: under the agent or not, with which flags, which application, as whom. */
public final class JvmUnderTest {
    /** For all: with a patch switched off, its tests fail. */
    private static final List<String> MORE = Stream.of(System.getProperty("thaw.test.app", "").split(" "))
            .filter(option -> !option.isEmpty()).toList();

    private final List<String> prefix = new ArrayList<>();
    private final List<String> vmOptions = new ArrayList<>(MORE);
    private Path javaHome = Artefacts.JAVA_HOME;
    private Path agent = Artefacts.AGENT;
    private String classPath = Artefacts.TEST_APPS.toString();
    private String agentOptions;

    private JvmUnderTest() {}

    /** Under the agent, checkpoints to go to `to`; `more` are further agent options. */
    public static JvmUnderTest withAgent(Path to, String... more) {
        JvmUnderTest jvm = new JvmUnderTest();
        jvm.agentOptions = "to=" + to + (more.length == 0 ? "" : "," + String.join(",", more));
        return jvm;
    }

    /** Under the agent without any option. */
    public static JvmUnderTest withBareAgent() {
        JvmUnderTest jvm = new JvmUnderTest();
        jvm.agentOptions = "";
        return jvm;
    }

    public static JvmUnderTest withoutAgent() {
        return new JvmUnderTest();
    }

    public JvmUnderTest options(String... flags) {
        vmOptions.addAll(List.of(flags));
        return this;
    }

    /** A command to stand in front of java. */
    public JvmUnderTest prefix(List<String> command) {
        prefix.addAll(command);
        return this;
    }

    public JvmUnderTest javaHome(Path home) {
        javaHome = home;
        return this;
    }

    /** Copies of the artefacts, which another user can read. */
    public JvmUnderTest artefacts(Path agentJar, Path testAppsJar) {
        agent = agentJar;
        classPath = testAppsJar.toString();
        return this;
    }

    public JvmUnderTest classPath(String whole) {
        classPath = whole;
        return this;
    }

    /** The application by its class name below dev.thaw.apps. */
    public RunningProcess start(String application, String... arguments) {
        return RunningProcess.start(command(application, arguments));
    }

    public List<String> command(String application, String... arguments) {
        List<String> command = new ArrayList<>(prefix);
        command.add(javaHome.resolve("bin/java").toString());
        if (agentOptions != null) {
            command.add("-javaagent:" + agent + (agentOptions.isEmpty() ? "" : "=" + agentOptions));
        }
        command.addAll(vmOptions);
        command.addAll(List.of("-cp", classPath, "dev.thaw.apps." + application));
        command.addAll(List.of(arguments));
        return command;
    }
}
