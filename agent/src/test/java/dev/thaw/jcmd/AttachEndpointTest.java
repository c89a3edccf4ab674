// SPDX-License-Identifier: Apache-2.0
package dev.thaw.jcmd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.thaw.forked.AgentJar;
import dev.thaw.forked.ForkedJvm;
import dev.thaw.forked.Tool;
import dev.thaw.forked.Tool.Completed;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real tools against real JVMs. */
class AttachEndpointTest {
    @TempDir
    private static Path folder;

    private static String agent;

    @BeforeAll
    static void packAgent() throws IOException {
        agent = "-javaagent:" + AgentJar.create(folder);
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 25})
    void answersAndExplainsItsOwnCommandsWithoutHotSpot(int version) throws Exception {
        Tool tool = tool(version);
        try (ForkedJvm jvm = ForkedJvm.startWithEndpoint(agent + "=to=" + folder)) {
            assertAnswers(tool.jcmd(jvm, "help", "JDK.checkpoint"), "JDK.checkpoint\n", "keep_running : [optional]");
            assertAnswers(tool.jcmd(jvm, "help", "Thaw.status"), "Syntax : Thaw.status");
            assertAnswers(tool.jcmd(jvm, "Thaw.status"), "pid: " + jvm.pid() + "\n", "to: " + folder + "\n",
                    "not checkpointed yet");
            assertRefuses(tool.jcmd(jvm, "Thaw.status", "all"), "takes no options");
            assertRefuses(tool.jcmd(jvm, "JDK.checkpoint", "keep_runing=true"), "unknown option keep_runing");
            assertFalse(Files.exists(jvm.socket(".hs")), "HotSpot's listener was started although nobody needed it");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 25})
    void passesEveryOtherCommandOn(int version) throws Exception {
        Tool tool = tool(version);
        String pid;
        try (ForkedJvm jvm = ForkedJvm.startWithEndpoint(agent)) {
            pid = Long.toString(jvm.pid());
            assertAnswers(tool.jcmd(jvm, "help"), "GC.run_finalization\nJDK.checkpoint\nJFR.check\n",
                    "Thaw.status\nThread.dump_to_file\n", "\nhelp\n");
            assertAnswers(tool.jcmd(jvm, "help", "-all"), "Thaw.status\n\tPrint", "Thread.print\n\tPrint");
            assertAnswers(tool.jcmd(jvm, "help", "Thread.print"), "Print all threads with stacktraces");
            assertAnswers(tool.jcmd(jvm, "Thread.print"), "\"main\"", "\"thaw-attach\"", "JNI global refs");
            assertAnswers(tool.jcmd(jvm, "VM.version"), "JDK " + Runtime.version().feature());
            assertAnswers(tool.jcmd(jvm, "VM.flags"), "-XX:MaxHeapSize=67108864");
            assertAnswers(tool.jcmd(jvm, "GC.heap_info"), "heap");
            assertAnswers(tool.run("jstack", pid), "\"main\"");
            assertAnswers(tool.run("jmap", "-histo", pid), "java.lang.String");
            assertAnswers(tool.run("jinfo", "-flag", "MaxHeapSize", pid), "-XX:MaxHeapSize=67108864");
            assertAnswers(tool.run("jinfo", "-sysprops", pid), "java.specification.version");
            assertRefuses(tool.jcmd(jvm, "No.such_command"), "Unknown diagnostic command");
            assertAnswers(tool.jcmd(jvm, "Thaw.status"), "pid: " + pid);
            assertEquals(List.of("loader of jdk.crac: boot", "ready"), jvm.output());
        }
    }

    @Test
    void startsHotSpotsListenerOnceForManyAtATime() throws Exception {
        try (ForkedJvm jvm = ForkedJvm.startWithEndpoint(agent)) {
            List<CompletableFuture<Completed>> replies = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                replies.add(CompletableFuture.supplyAsync(() -> uptime(jvm)));
            }
            for (CompletableFuture<Completed> reply : replies) {
                assertAnswers(reply.join(), " s\n");
            }
            assertEquals(List.of("loader of jdk.crac: boot", "ready"), jvm.output());
        }
    }

    @Test
    void staysReachableBesideClientsThatDoNotBehave() throws Exception {
        try (ForkedJvm jvm = ForkedJvm.startWithEndpoint(agent); SocketChannel silent = connect(jvm)) {
            connect(jvm).close();
            assertEquals("101\n", ask(jvm, "7\0jcmd\0help\0\0\0"));
            assertEquals("", ask(jvm, "2\0999999999\0"));
            assertEquals("0\n2", ask(jvm, "1\0getversion\0options\0\0\0"));
            assertAnswers(Tool.ofThisJdk().jcmd(jvm, "Thaw.status"), "pid: " + jvm.pid());
            assertTrue(silent.isConnected());
        }
    }

    @Test
    void itsSocketIsForItsUserOnlyAndGoesWithTheJvm() throws Exception {
        try (ForkedJvm jvm = ForkedJvm.startWithEndpoint(agent)) {
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(jvm.socket(""))));
            assertAnswers(Tool.ofThisJdk().jcmd(jvm, "VM.version"), "JDK");
            assertEquals(0, jvm.end());
            for (String end : ForkedJvm.SOCKETS) {
                assertFalse(Files.exists(jvm.socket(end)), jvm.socket(end) + " is left");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-XX:+StartAttachListener", "-Xrs"})
    void takesThePlaceOfAListenerThatWasThereBefore(String option) throws Exception {
        try (ForkedJvm jvm = ForkedJvm.startWithEndpoint(option, agent)) {
            assertTrue(Files.exists(jvm.socket(".hs")));
            assertAnswers(Tool.ofThisJdk().jcmd(jvm, "VM.version"), "JDK");
            assertAnswers(Tool.ofThisJdk().jcmd(jvm, "Thaw.status"), "pid: " + jvm.pid());
        }
    }

    @Test
    void canBeLoadedIntoARunningJvm() throws Exception {
        try (ForkedJvm jvm = ForkedJvm.start("-XX:+EnableDynamicAgentLoading")) {
            jvm.awaitLine("ready");
            String jar = agent.substring("-javaagent:".length());
            assertAnswers(Tool.ofThisJdk().jcmd(jvm, "JVMTI.agent_load", jar, "\"to=" + folder + "\""), "return code: 0");
            jvm.awaitEndpoint();
            assertAnswers(Tool.ofThisJdk().jcmd(jvm, "Thaw.status"), "to: " + folder);
            assertAnswers(Tool.ofThisJdk().jcmd(jvm, "Thread.print"), "\"main\"");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"JAVA_TOOL_OPTIONS", "command line"})
    void respectsDisableAttachMechanism(String where) throws Exception {
        String option = "-XX:+DisableAttachMechanism";
        String flags = folder.resolve("options").toString();
        Files.writeString(Path.of(flags), where.equals("command line") ? "-Xss512k" : option);
        try (ForkedJvm jvm = where.equals("command line") ? ForkedJvm.start(option, agent)
                : ForkedJvm.start("-XX:VMOptionsFile=" + flags, agent)) {
            jvm.awaitLine("ready");
            assertNotEquals(0, Tool.ofThisJdk().jcmd(jvm, "Thaw.status").status());
            assertFalse(isNewer(jvm.socket(""), Path.of(flags)));
            assertEquals(0, jvm.end());
            assertEquals(List.of("loader of jdk.crac: boot", "ready"), jvm.output());
        }
    }

    /** Of a killed JVM that had the same pid there may be an old one. */
    private static boolean isNewer(Path file, Path than) throws IOException {
        return Files.exists(file) && Files.getLastModifiedTime(file).compareTo(Files.getLastModifiedTime(than)) >= 0;
    }

    @Test
    void aWrongOptionIsOneSentenceAndNoStart() throws Exception {
        try (ForkedJvm jvm = ForkedJvm.start(agent + "=colour=blue")) {
            assertEquals(1, jvm.awaitExit());
            assertEquals(1, jvm.output().size(), jvm.output().toString());
            assertTrue(jvm.output().getFirst().startsWith("thaw: unknown option colour: there are to, "),
                    jvm.output().toString());
        }
    }

    @Test
    void asksWhereTo() throws Exception {
        try (ForkedJvm jvm = ForkedJvm.startWithEndpoint(agent)) {
            assertRefuses(Tool.ofThisJdk().jcmd(jvm, "JDK.checkpoint"), "give to=DIR here");
        }
    }

    private static Tool tool(int version) throws IOException {
        Tool tool = Tool.ofJdk(version);
        assumeTrue(tool != null, "no JDK " + version + " under /usr/lib/jvm");
        return tool;
    }

    private static Completed uptime(ForkedJvm jvm) {
        try {
            return Tool.ofThisJdk().jcmd(jvm, "VM.uptime");
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static SocketChannel connect(ForkedJvm jvm) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(jvm.socket("")));
        return channel;
    }

    private static String ask(ForkedJvm jvm, String request) throws IOException {
        try (SocketChannel channel = connect(jvm)) {
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.ISO_8859_1)));
            ByteBuffer reply = ByteBuffer.allocate(1000);
            while (channel.read(reply) >= 0) {
                assertTrue(reply.hasRemaining(), "an answer of more than 1000 bytes");
            }
            return new String(reply.array(), 0, reply.position(), StandardCharsets.ISO_8859_1);
        }
    }

    private static void assertAnswers(Completed reply, String... texts) {
        assertEquals(0, reply.status(), reply.output());
        for (String text : texts) {
            assertTrue(reply.output().contains(text), "no '" + text + "' in:\n" + reply.output());
        }
    }

    private static void assertRefuses(Completed reply, String text) {
        assertEquals(1, reply.status(), reply.output());
        assertTrue(reply.output().contains(text), "no '" + text + "' in:\n" + reply.output());
    }
}
