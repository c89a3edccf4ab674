// SPDX-License-Identifier: Apache-2.0
package dev.thaw.agent;

import dev.thaw.checkpoint.Checkpoints;
import dev.thaw.jcmd.AttachEndpoint;
import dev.thaw.patches.OpenTracing;
import java.io.File;
import java.lang.instrument.Instrumentation;
import java.net.URISyntaxException;
import java.net.URL;

/**
 * What happens before the application's main. Every millisecond here is one of the application's start, so there are
 * no lambdas, string concatenations, reflective calls, native libraries or class transformations: those wait for the
 * first checkpoint.
 */
final class Startup {
    private static final String MUSL_LOADER = "/lib/ld-musl-x86_64.so.1";
    private static final String WITHOUT_THAW = ": the application runs without Thaw";

    private Startup() {}

    static void atStart(String arguments, Instrumentation instrumentation) {
        AgentOptions options;
        try {
            options = AgentOptions.parse(arguments, System.getProperties());
        } catch (IllegalArgumentException e) {
            say(e.getMessage());
            System.exit(1); // an exception would make the JVM print a stack trace and abort
            return;
        }
        startOrSay(options, instrumentation);
    }

    /** An option error must not end a JVM that is already at work. */
    static void inRunningJvm(String arguments, Instrumentation instrumentation) {
        try {
            startOrSay(AgentOptions.parse(arguments, System.getProperties()), instrumentation);
        } catch (IllegalArgumentException e) {
            say(e.getMessage());
        }
    }

    private static void startOrSay(AgentOptions options, Instrumentation instrumentation) {
        if (isOnBootLoader("jdk.crac.Core")) {
            say(isOnBootLoader("jdk.crac.impl.CheckpointEngine") ? "Thaw is already in this JVM: it is not started again"
                    : "this JVM has a jdk.crac of its own".concat(WITHOUT_THAW));
            return;
        }
        String obstacle = obstacle();
        if (obstacle != null) {
            say(obstacle.concat(WITHOUT_THAW));
            return;
        }
        try {
            start(options, instrumentation);
        } catch (Exception | LinkageError e) {
            say("this JVM is not as expected, ".concat(e.toString()).concat(WITHOUT_THAW));
        }
    }

    private static void start(AgentOptions options, Instrumentation instrumentation) throws Exception {
        if (Boolean.getBoolean("jdk.crac.collect-fd-stacktraces")) {
            OpenTracing.install(instrumentation);
        }
        JdkInternals internals = JdkInternalsLoader.open(instrumentation);
        Agent agent = new Agent(options, instrumentation, internals, ownJar());
        BootApi.define(internals, agent.jar(), instrumentation);
        AttachEndpoint.start(agent, Checkpoints.install(agent)); // both need jdk.crac to be defined
    }

    /** Why Thaw cannot work in this JVM; null when it can. */
    private static String obstacle() {
        String vm = System.getProperty("java.vm.name");
        if (!vm.startsWith("OpenJDK 64-Bit") && !vm.startsWith("Java HotSpot(TM) 64-Bit")) {
            return "this JVM is " + vm + ", Thaw needs HotSpot";
        }
        String system = System.getProperty("os.name");
        String processor = System.getProperty("os.arch");
        if (!system.equals("Linux") || !processor.equals("amd64")) {
            return "this is " + system + " on " + processor + ", Thaw needs Linux on amd64";
        }
        if (new File(MUSL_LOADER).exists() && Musl.isInThisProcess()) {
            return "this JVM is built for musl, Thaw needs one for glibc";
        }
        return null;
    }

    /** Or on the platform loader, where a JDK with CRaC may have it. */
    private static boolean isOnBootLoader(String name) {
        try {
            Class.forName(name, false, ClassLoader.getPlatformClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    private static File ownJar() throws URISyntaxException {
        URL location = Startup.class.getProtectionDomain().getCodeSource().getLocation();
        String path = location.getPath();
        return path.indexOf('%') < 0 ? new File(path) : new File(location.toURI());
    }

    private static void say(String sentence) {
        System.err.println("thaw: ".concat(sentence));
    }
}
