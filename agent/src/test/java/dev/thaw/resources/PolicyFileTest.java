// SPDX-License-Identifier: Apache-2.0
package dev.thaw.resources;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file of policies is read as CRaC reads it. */
class PolicyFileTest {
    @TempDir
    private Path folder;

    @Test
    void rulesAreSeparatedByDashesAndCommentsAndBlankLinesAreNothing() throws IOException {
        List<PolicyRule> rules = read("# the first", "", "type: file", "path: /a: b", "  action :  close ", "---",
                "---", "  # indented", "TYPE: Socket", "Action: REOPEN", "listening: true", "---");
        assertEquals(2, rules.size());
        assertEquals(PolicyRule.Type.FILE, rules.get(0).type());
        assertEquals("close", rules.get(0).action());
        assertTrue(rules.get(0).matches(Samples.file(7, "/a: b")));
        assertFalse(rules.get(0).matches(Samples.file(7, "/a")));
        assertEquals(PolicyRule.Type.SOCKET, rules.get(1).type());
        assertEquals("reopen", rules.get(1).action());
    }

    @Test
    void aRuleNeedsATypeAndAnAction() {
        assertInvalid("on lines 1-2: no 'action'", "type: file", "path: /a");
        assertInvalid("on lines 5-6: no 'type'", "type: file", "action: close", "---", "# rule two", "path: /a",
                "action: close");
    }

    @Test
    void aLineWithoutKeyAndValueIsNamed() {
        assertInvalid("on lines 1-2: cannot parse line 2: path:/a", "type: file", "path:/a", "action: close");
        assertInvalid("cannot parse line 1: type:", "type:");
    }

    @Test
    void valuesThatMeanNothingAreNamed() {
        assertInvalid("port http is neither a number nor *", "type: socket", "localPort: http", "action: close");
        assertInvalid("family: appletalk is none of", "type: socket", "family: appletalk", "action: close");
        assertInvalid("value: seven is no number", "type: filedescriptor", "value: seven", "action: close");
        assertInvalid("on lines 1-3: ", "type: filedescriptor", "regex: (", "action: close");
        assertInvalid("on lines 1-3: ", "type: file", "path: [", "action: close");
    }

    @Test
    void aFileThatIsMissingOrNoFileIsNamed() {
        Path absent = folder.resolve("absent");
        PolicyException missing = assertThrows(PolicyException.class, () -> PolicyFile.read(absent.toString()));
        assertEquals("File " + absent + " used in property jdk.crac.resource-policies does not exist",
                missing.getMessage());
        PolicyException none = assertThrows(PolicyException.class, () -> PolicyFile.read(folder.toString()));
        assertEquals("File " + folder + " used in property jdk.crac.resource-policies is not a regular file or cannot "
                + "be read", none.getMessage());
    }

    @Test
    void aTypeThatNobodyKnowsIsPassedOverAsByCracButMentioned() throws IOException {
        Path file = write("type: sockets", "action: close", "---", "type: pipe", "action: close");
        PolicyFile policies = PolicyFile.read(file.toString());
        assertEquals(1, policies.rules().size());
        assertEquals(1, policies.doubts().size());
        assertTrue(policies.doubts().get(0).contains("on lines 1-3 is never used: type sockets"),
                policies.doubts().toString());
    }

    @Test
    void warnFalseIsRead() throws IOException {
        List<PolicyRule> rules = read("type: pipe", "action: close", "---", "type: pipe", "action: close", "warn: false",
                "---", "type: pipe", "action: close", "warn: True");
        assertEquals(List.of(true, false, true), rules.stream().map(PolicyRule::warn).toList());
    }

    private List<PolicyRule> read(String... lines) throws IOException {
        return PolicyFile.read(write(lines).toString()).rules();
    }

    private Path write(String... lines) throws IOException {
        return Files.write(folder.resolve("policies.yaml"), List.of(lines));
    }

    private void assertInvalid(String end, String... lines) {
        PolicyException invalid = assertThrows(PolicyException.class, () -> read(lines));
        assertTrue(invalid.getMessage().startsWith("Invalid rule in policies file " + folder.resolve("policies.yaml")
                + " on lines ") && invalid.getMessage().contains(end), invalid.getMessage());
    }
}
