// SPDX-License-Identifier: Apache-2.0
package dev.thaw.resources;

import dev.thaw.core.DescriptorDecision;
import dev.thaw.core.DescriptorDecision.Action;
import dev.thaw.core.Refusal;
import dev.thaw.core.WatchPath;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What is to become of what is open, found out for one checkpoint. Without a file of policies nothing is looked at
 * but the JDK's watch services, until a checkpoint was refused for an open file, which may be a log of HotSpot's.
 */
public final class OpenResources {
    private final DescriptorScan scan = new DescriptorScan();
    private final List<DescriptorDecision> decisions = new ArrayList<>();
    private final List<Exception> failures = new ArrayList<>();

    private OpenResources() {}

    /**
     * By the policies that hold now; warnings go to the logger {@code jdk.crac}.
     *
     * @throws PolicyException if the file of policies cannot be used
     */
    public static OpenResources find() throws IOException {
        OpenResources found = new OpenResources();
        String file = System.getProperty(PolicyFile.PROPERTY);
        if (file != null) {
            found.decideBy(PolicyFile.read(file));
        }
        return found;
    }

    /** Without any policy. */
    public static OpenResources none() {
        return new OpenResources();
    }

    private void decideBy(PolicyFile file) throws IOException {
        OwnDescriptors own = OwnDescriptors.ofThisProcess();
        PolicyOutcome outcome = outcome(file, own);
        boolean logged = ResourceLog.warn(file.doubts(), outcome.warnings());
        if (logged) {
            outcome = outcome(file, own); // a logger may have opened files of its own
        }
        decisions.addAll(outcome.decisions());
        failures.addAll(outcome.failures());
    }

    /** HotSpot's own logs are carried whatever the rules for files say, as in CRaC. */
    private PolicyOutcome outcome(PolicyFile file, OwnDescriptors own) throws IOException {
        List<OpenDescriptor> concerned = new ArrayList<>();
        HotSpotLogs logs = null;
        for (OpenDescriptor descriptor : scan.scan()) {
            boolean mayBeLog = descriptor.writable() && descriptor.isRegularFile();
            if (mayBeLog && logs == null) {
                logs = HotSpotLogs.ask();
            }
            if (!own.contains(descriptor) && !(mayBeLog && logs.contains(descriptor.path()))) {
                concerned.add(descriptor);
            }
        }
        concerned.addAll(WrittenMappings.scan());
        return new PolicyOutcome(file.rules(), concerned);
    }

    public List<DescriptorDecision> decisions() {
        return List.copyOf(decisions);
    }

    public List<WatchPath> watchPaths() {
        return WatchServices.paths();
    }

    /** Why there can be no checkpoint, whatever the engine says. */
    public List<Exception> failures() {
        return failures;
    }

    /**
     * After a checkpoint was refused.
     *
     * @return whether it may pass now, since HotSpot's own logs are carried
     */
    public boolean allowLogs(List<Refusal> refusals) throws IOException {
        if (refusals.stream().noneMatch(refusal -> refusal.reason() == Refusal.Reason.WRITABLE_FILE)) {
            return false;
        }
        HotSpotLogs logs = HotSpotLogs.ask();
        int before = decisions.size();
        for (OpenDescriptor open : scan.scan()) {
            boolean decided = decisions.stream().anyMatch(decision -> decision.fd() == open.fd());
            if (!decided && open.writable() && open.isRegularFile() && logs.contains(open.path())) {
                decisions.add(new DescriptorDecision(open.fd(), open.dev(), open.ino(), Action.CARRY));
            }
        }
        return decisions.size() > before;
    }
}
