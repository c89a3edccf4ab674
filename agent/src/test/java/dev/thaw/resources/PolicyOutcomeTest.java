// SPDX-License-Identifier: Apache-2.0
package dev.thaw.resources;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.thaw.core.DescriptorDecision.Action;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which rule is for which descriptor, and what becomes of it. */
class PolicyOutcomeTest {
    private static final SocketAddress LOCAL = address("127.0.0.1", 8080);
    private static final SocketAddress REMOTE = address("127.0.0.2", 9090);
    private static final OpenDescriptor CONNECTION = Samples.socket(9, SocketName.AF_INET, false, LOCAL, REMOTE, false);
    private static final OpenDescriptor LISTENER = Samples.socket(8, SocketName.AF_INET, false, LOCAL, null, true);
    private static final OpenDescriptor UNIX = Samples.socket(10, SocketName.AF_UNIX, false,
            UnixDomainSocketAddress.of("/run/a.sock"), UnixDomainSocketAddress.of(""), false);

    @TempDir
    private Path folder;

    @Test
    void theFirstRuleOfItsTypeThatMatchesWins() throws IOException {
        String rules = """
                type: pipe
                action: error
                ---
                type: file
                path: **/*.log
                action: reopen
                ---
                type: file
                action: close
                """;
        assertEquals(Action.CARRY, action(rules, Samples.file(7, "/var/a.log")));
        assertEquals(Action.CLOSE, action(rules, Samples.file(7, "/var/a.txt")));
        assertEquals(Action.ERROR, action(rules, Samples.pipe(7)));
        assertNull(action(rules, CONNECTION));
    }

    @Test
    void aFifoIsAFileAndADeletedFileKeepsItsPath() throws IOException {
        String rules = "type: file\npath: /run/x\naction: ignore\n";
        assertEquals(Action.CARRY, action(rules, Samples.fifo(7, "/run/x")));
        assertEquals(Action.CARRY, action(rules, Samples.file(7, "/run/x (deleted)")));
        assertNull(action(rules, Samples.file(7, "/run/xy")));
    }

    @Test
    void rawRulesAreForWhatNoOtherTypeMatched() throws IOException {
        String rules = """
                type: filedescriptor
                value: 7
                action: close
                ---
                type: filedescriptor
                regex: .*eventpoll.*
                action: error
                ---
                type: file
                path: /a
                action: ignore
                """;
        assertEquals(Action.CLOSE, action(rules, Samples.epoll(7)));
        assertEquals(Action.ERROR, action(rules, Samples.epoll(8)));
        assertEquals(Action.CARRY, action(rules, Samples.file(7, "/a")));
        assertEquals(Action.CLOSE, action(rules, Samples.file(7, "/b")));
        assertNull(action(rules, Samples.file(8, "/b")));
    }

    @Test
    void aRegexMustMatchTheWholeDescription() throws IOException {
        assertNull(action("type: filedescriptor\nregex: eventpoll\naction: close\n", Samples.epoll(7)));
        assertEquals(Action.CLOSE, action("type: filedescriptor\nregex: unknown: anon_inode:\\[eventpoll\\]\naction: close\n",
                Samples.epoll(7)));
    }

    @Test
    void rulesWithoutAnyConditionSpareTheJarsAndOtherTypes() throws IOException {
        assertNull(action("type: file\naction: close\n", Samples.readOnly(7, "/lib/a.jar")));
        assertEquals(Action.CLOSE, action("type: file\npath: **/*.jar\naction: close\n", Samples.readOnly(7, "/lib/a.jar")));
        assertNull(action("type: filedescriptor\naction: close\n", Samples.file(7, "/a")));
        assertEquals(Action.CLOSE, action("type: filedescriptor\naction: close\n", Samples.epoll(7)));
    }

    @Test
    void socketsAreToldByFamilyAddressesAndListening() throws IOException {
        assertEquals(Action.CLOSE, action(socket("family: IPv4"), CONNECTION));
        assertEquals(Action.CLOSE, action(socket("family: inet"), CONNECTION));
        assertNull(action(socket("family: ipv6"), CONNECTION));
        assertNull(action(socket("family: unix"), CONNECTION));
        assertEquals(Action.CLOSE, action(socket("localAddress: 127.0.0.1\nlocalPort: 8080"), CONNECTION));
        assertNull(action(socket("localAddress: 127.0.0.1\nlocalPort: 8081"), CONNECTION));
        assertEquals(Action.CLOSE, action(socket("remoteAddress: *\nremotePort: 9090"), CONNECTION));
        assertNull(action(socket("remoteAddress: *"), LISTENER));
        assertEquals(Action.CLOSE, action(socket("listening: true"), LISTENER));
        assertNull(action(socket("listening: true"), CONNECTION));
        assertEquals(Action.CLOSE, action(socket("listening: false"), CONNECTION));
    }

    @Test
    void unixSocketsAreToldByTheirPaths() throws IOException {
        assertEquals(Action.CLOSE, action(socket("family: unix\nlocalPath: /run/*.sock"), UNIX));
        assertNull(action(socket("localPath: /var/*"), UNIX));
        assertNull(action(socket("localPath: /run/*"), CONNECTION));
        assertNull(action(socket("localPort: *"), UNIX));
    }

    @Test
    void aServerForBothFamiliesIsFoundUnderEither() throws IOException {
        OpenDescriptor both = Samples.socket(8, SocketName.AF_INET6, true, address("::", 80), null, true);
        OpenDescriptor six = Samples.socket(8, SocketName.AF_INET6, false, address("::", 80), null, true);
        for (String family : List.of("ipv4", "ipv6", "ip")) {
            assertEquals(Action.CLOSE, action(socket("family: " + family), both), family);
        }
        assertEquals(Action.CLOSE, action(socket("localAddress: 0.0.0.0"), both));
        assertNull(action(socket("family: ipv4"), six));
        assertNull(action(socket("localAddress: 0.0.0.0"), six));
    }

    @Test
    void onlyListeningSocketsAreReopened() throws IOException {
        String rules = "type: socket\naction: reopen\n";
        assertEquals(Action.CARRY, action(rules, LISTENER));
        PolicyOutcome outcome = outcome(rules, CONNECTION);
        assertInstanceOf(UnsupportedOperationException.class, outcome.failures().get(0));
        assertEquals("Reopen not implemented on sockets that do not listen: Socket tcp local 127.0.0.1:8080 remote "
                + "127.0.0.2:9090 (fd 9)", outcome.failures().get(0).getMessage());
    }

    @Test
    void anActionThatItsTypeHasNotFailsTheCheckpoint() throws IOException {
        for (String rules : List.of("type: pipe\naction: reopen\n", "type: pipe\naction: explode\n")) {
            PolicyOutcome outcome = outcome(rules, Samples.pipe(7));
            assertInstanceOf(IllegalStateException.class, outcome.failures().get(0));
        }
        assertEquals(List.of(), outcome("type: pipe\naction: explode\n", Samples.file(7, "/a")).failures());
    }

    @Test
    void warnsOfWhatItLetsPassUnlessToldNotTo() throws IOException {
        assertEquals(List.of("File /a was not closed by the application."),
                outcome("type: file\naction: close\n", Samples.file(7, "/a")).warnings());
        assertEquals(List.of(), outcome("type: file\naction: close\nwarn: false\n", Samples.file(7, "/a")).warnings());
        assertEquals(List.of(), outcome("type: file\naction: error\n", Samples.file(7, "/a")).warnings());
    }

    private Action action(String rules, OpenDescriptor open) throws IOException {
        PolicyOutcome outcome = outcome(rules, open);
        assertEquals(List.of(), outcome.failures());
        return outcome.decisions().isEmpty() ? null : outcome.decisions().get(0).action();
    }

    private PolicyOutcome outcome(String rules, OpenDescriptor open) throws IOException {
        Path file = Files.writeString(folder.resolve("policies.yaml"), rules);
        return new PolicyOutcome(PolicyFile.read(file.toString()).rules(), List.of(open));
    }

    private static String socket(String conditions) {
        return "type: socket\n" + conditions + "\naction: close\n";
    }

    private static SocketAddress address(String host, int port) {
        try {
            return new InetSocketAddress(InetAddress.getByName(host), port);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
