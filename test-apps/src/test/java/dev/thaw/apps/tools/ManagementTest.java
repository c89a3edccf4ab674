// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.OperatingSystemMXBean;
import dev.thaw.apps.drive.Artefacts;
import dev.thaw.apps.drive.Completed;
import dev.thaw.apps.drive.Http;
import dev.thaw.apps.drive.Jcmd;
import dev.thaw.apps.drive.RunningProcess;
import dev.thaw.apps.drive.SnapshotDirectory;
import dev.thaw.apps.drive.ThawCommand;
import dev.thaw.apps.harness.JvmUnderTest;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.RuntimeMXBean;
import java.lang.management.ThreadMXBean;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.MBeanServerConnection;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** JMX and jstat see the restored process. */
class ManagementTest {
    private static final String PREFIX = "-Dcom.sun.management.jmxremote.";

    private final SnapshotDirectory snapshots = SnapshotDirectory.create();
    private final Jcmd jcmd = Jcmd.ofThisJdk();
    private final int port = Http.freePort();

    @AfterEach
    void delete() {
        snapshots.close();
    }

    @Test
    void anAgentOfTheCommandLineAnswersInEachRestoredProcess() throws IOException {
        try (RunningProcess app = start(remote())) {
            checkpoint(app);
        }
        for (int clone = 0; clone < 2; clone++) {
            try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
                assertAnswers(restored, remoteUrl());
            }
        }
    }

    @Test
    void anAgentThatJcmdStartedAnswersAfterARestore() throws IOException {
        try (RunningProcess app = start()) {
            Completed started = jcmd.run(app.pid(), "ManagementAgent.start", "jmxremote.port=" + port,
                    "jmxremote.rmi.port=" + port, "jmxremote.authenticate=false", "jmxremote.ssl=false");
            assertEquals(0, started.status(), started.output());
            checkpoint(app);
        }
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            assertAnswers(restored, remoteUrl());
            assertEquals(0, jcmd.run(restored.pid(), "ManagementAgent.stop").status());
        }
    }

    @Test
    void theLocalConnectorKeepsItsAddress() throws IOException {
        String url;
        try (RunningProcess app = start()) {
            assertEquals(0, jcmd.run(app.pid(), "ManagementAgent.start_local").status());
            url = localUrl(app);
            checkpoint(app);
        }
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            assertAnswers(restored, url);
            assertEquals(url, localUrl(restored));
        }
    }

    @Test
    void aRestoreStartsTheAgentThatItsPropertiesAskFor() throws IOException {
        try (RunningProcess app = start()) {
            checkpoint(app);
        }
        try (RunningProcess restored = ThawCommand.restore(snapshots.path(), remote())) {
            assertAnswers(restored, remoteUrl());
        }
        try (RunningProcess restored = ThawCommand.restore(snapshots.path(), "-Dcom.sun.management.jmxremote=")) {
            restored.send("ping");
            restored.awaitLine("pong");
            assertAnswers(restored, localUrl(restored));
        }
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            restored.send("ping");
            restored.awaitLine("pong");
            assertFalse(jcmd.run(restored.pid(), "ManagementAgent.status").output().contains("service:jmx"));
        }
    }

    @Test
    void jpsAndJstatAndJcmdShowTheNewProcess() {
        try (RunningProcess app = start()) {
            checkpoint(app);
        }
        try (RunningProcess restored = ThawCommand.restore(snapshots.path())) {
            restored.send("ping");
            restored.awaitLine("pong");
            String pid = Long.toString(restored.pid());
            assertTrue(tool("jps").lines().anyMatch(line -> line.equals(pid + " OpenThings")), tool("jps"));
            assertTrue(jcmd.run("-l").output().lines().anyMatch(line -> line.startsWith(pid + " dev.thaw.apps.OpenT")));
            long before = collections(pid);
            assertEquals(0, jcmd.run(restored.pid(), "GC.run").status());
            assertEquals(before + 1, collections(pid));
        }
    }

    /** The number of full collections: the last column but three of jstat -gc, CGC of G1 off. */
    private static long collections(String pid) {
        List<String> lines = tool("jstat", "-gc", pid).lines().toList();
        List<String> names = List.of(lines.get(0).strip().split(" +"));
        return Long.parseLong(lines.get(1).strip().split(" +")[names.indexOf("FGC")]);
    }

    private static String tool(String name, String... arguments) {
        List<String> command = new java.util.ArrayList<>(List.of(Artefacts.JAVA_HOME.resolve("bin/" + name).toString()));
        command.addAll(List.of(arguments));
        Completed result = Completed.run(command);
        assertEquals(0, result.status(), result.output());
        return result.output();
    }

    private RunningProcess start(String... options) {
        RunningProcess app = JvmUnderTest.withAgent(snapshots.path()).options(options).start("OpenThings");
        app.awaitLine("ready");
        return app;
    }

    private void checkpoint(RunningProcess app) {
        jcmd.checkpoint(app);
        app.mustExit(ThawCommand.CHECKPOINTED);
    }

    private String[] remote() {
        return new String[] {PREFIX + "port=" + port, PREFIX + "rmi.port=" + port, PREFIX + "authenticate=false",
            PREFIX + "ssl=false", PREFIX + "host=127.0.0.1"};
    }

    private String remoteUrl() {
        return "service:jmx:rmi:///jndi/rmi://127.0.0.1:" + port + "/jmxrmi";
    }

    private String localUrl(RunningProcess app) {
        String status = jcmd.run(app.pid(), "ManagementAgent.status").output();
        Matcher url = Pattern.compile("service:jmx:rmi://127\\.0\\.0\\.1/stub/\\S+").matcher(status);
        assertTrue(url.find(), status);
        return url.group();
    }

    private static void assertAnswers(RunningProcess app, String url) throws IOException {
        try (JMXConnector connector = connect(url)) {
            MBeanServerConnection beans = connector.getMBeanServerConnection();
            RuntimeMXBean runtime = ManagementFactory.newPlatformMXBeanProxy(beans,
                    ManagementFactory.RUNTIME_MXBEAN_NAME, RuntimeMXBean.class);
            assertEquals(app.pid(), runtime.getPid());
            assertTrue(runtime.getName().startsWith(app.pid() + "@"), runtime.getName());
            ThreadMXBean threads = ManagementFactory.newPlatformMXBeanProxy(beans,
                    ManagementFactory.THREAD_MXBEAN_NAME, ThreadMXBean.class);
            assertTrue(threads.getThreadCount() > 0);
            OperatingSystemMXBean system = ManagementFactory.newPlatformMXBeanProxy(beans,
                    ManagementFactory.OPERATING_SYSTEM_MXBEAN_NAME, OperatingSystemMXBean.class);
            assertTrue(system.getProcessCpuTime() > 0);
            assertTrue(system.getProcessCpuLoad() <= 1 && system.getCpuLoad() <= 1);
        }
    }

    /** The restored process may not listen yet. */
    private static JMXConnector connect(String url) throws IOException {
        long end = System.nanoTime() + RunningProcess.DEADLINE.toNanos();
        while (true) {
            try {
                return JMXConnectorFactory.connect(new JMXServiceURL(url));
            } catch (IOException e) {
                if (System.nanoTime() > end) {
                    throw e;
                }
                Thread.onSpinWait();
            }
        }
    }
}
