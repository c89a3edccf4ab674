// SPDX-License-Identifier: Apache-2.0
package dev.thaw.resources;

import dev.thaw.core.DescriptorDecision;
import dev.thaw.core.DescriptorDecision.Action;
import java.util.ArrayList;
import java.util.List;

/** What the rules make of what is open. */
final class PolicyOutcome {
    private final List<DescriptorDecision> decisions = new ArrayList<>();
    private final List<Exception> failures = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    PolicyOutcome(List<PolicyRule> rules, List<OpenDescriptor> open) {
        for (OpenDescriptor descriptor : open) {
            PolicyRule rule = ruleFor(descriptor, rules);
            if (rule != null) {
                apply(rule, descriptor);
            }
        }
    }

    List<DescriptorDecision> decisions() {
        return decisions;
    }

    /** Actions that cannot be done. */
    List<Exception> failures() {
        return failures;
    }

    List<String> warnings() {
        return warnings;
    }

    /** The first of its type that matches; those for raw descriptors where none of its type does. */
    private static PolicyRule ruleFor(OpenDescriptor descriptor, List<PolicyRule> rules) {
        PolicyRule.Type type = switch (descriptor.kind()) {
            case FILE -> PolicyRule.Type.FILE;
            case PIPE -> PolicyRule.Type.PIPE;
            case SOCKET -> PolicyRule.Type.SOCKET;
            case OTHER -> PolicyRule.Type.FILEDESCRIPTOR;
        };
        PolicyRule found = first(type, descriptor, rules);
        return found != null ? found : first(PolicyRule.Type.FILEDESCRIPTOR, descriptor, rules);
    }

    private static PolicyRule first(PolicyRule.Type type, OpenDescriptor descriptor, List<PolicyRule> rules) {
        for (PolicyRule rule : rules) {
            if (rule.type() == type && !(rule.broad() && isSparedByBroadRules(type, descriptor))
                    && rule.matches(descriptor)) {
                return rule;
            }
        }
        return null;
    }

    /** Class loaders of applications have jars open, and would fail without them. */
    private static boolean isSparedByBroadRules(PolicyRule.Type type, OpenDescriptor descriptor) {
        return switch (type) {
            case FILE -> !descriptor.writable() && descriptor.isRegularFile() && descriptor.path().endsWith(".jar");
            case FILEDESCRIPTOR -> descriptor.kind() != OpenDescriptor.Kind.OTHER;
            case PIPE, SOCKET -> false;
        };
    }

    private void apply(PolicyRule rule, OpenDescriptor descriptor) {
        switch (rule.action()) {
            case "error" -> decide(descriptor, Action.ERROR);
            case "ignore" -> pass(rule, descriptor, Action.CARRY);
            case "close" -> pass(rule, descriptor, Action.CLOSE);
            case "reopen" -> reopen(rule, descriptor);
            default -> unknown(rule, descriptor);
        }
    }

    private void reopen(PolicyRule rule, OpenDescriptor descriptor) {
        switch (rule.type()) {
            case FILE -> pass(rule, descriptor, Action.CARRY);
            case SOCKET -> {
                if (descriptor.socket() != null && descriptor.socket().listening()) {
                    pass(rule, descriptor, Action.CARRY);
                } else {
                    fail(descriptor, new UnsupportedOperationException("Reopen not implemented on sockets that do not"
                            + " listen: " + descriptor.title()));
                }
            }
            case PIPE, FILEDESCRIPTOR -> unknown(rule, descriptor);
        }
    }

    private void unknown(PolicyRule rule, OpenDescriptor descriptor) {
        fail(descriptor, new IllegalStateException(
                "Unknown policy action " + rule.action() + " for " + descriptor.title()));
    }

    /** The checkpoint fails; this descriptor is no further reason for it. */
    private void fail(OpenDescriptor descriptor, Exception failure) {
        failures.add(failure);
        decide(descriptor, Action.CLOSE);
    }

    private void pass(PolicyRule rule, OpenDescriptor descriptor, Action action) {
        if (rule.warn()) {
            warnings.add(descriptor.title() + " was not closed by the application.");
        }
        decide(descriptor, action);
    }

    private void decide(OpenDescriptor descriptor, Action action) {
        decisions.add(new DescriptorDecision(descriptor.fd(), descriptor.dev(), descriptor.ino(), action));
    }
}
