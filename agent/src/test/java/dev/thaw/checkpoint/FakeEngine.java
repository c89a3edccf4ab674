// SPDX-License-Identifier: Apache-2.0
package dev.thaw.checkpoint;

import dev.thaw.core.CheckpointOutcome;
import dev.thaw.core.CheckpointRequest;
import dev.thaw.core.FullReason;
import dev.thaw.core.Step;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Writes nothing and returns what it is told to. */
class FakeEngine implements Engine {
    static final CheckpointOutcome WRITTEN = new CheckpointOutcome.Written(Path.of("/snapshots/0001"), 1, 0,
            FullReason.FIRST, "a report", 1, 0, 4096, new CheckpointOutcome.Times(Duration.ZERO, Duration.ZERO,
            Duration.ZERO, Duration.ZERO, Duration.ZERO), 1, 0, "");
    static final CheckpointOutcome RESTORED = CheckpointOutcome.RESTORED;

    final List<String> calls;
    CheckpointOutcome outcome = WRITTEN;
    CheckpointOutcome.Failed checked = new CheckpointOutcome.Failed(Step.NONE, 0, 0, "", List.of(), 0);
    FullReason nextKind = FullReason.IS_DELTA;
    List<String> restoreArguments = List.of();
    CheckpointRequest request;
    RuntimeException failure;
    volatile long restores;

    FakeEngine(List<String> calls) {
        this.calls = calls;
    }

    @Override
    public String status() {
        return "state: fake\n";
    }

    @Override
    public void signalSelf(int signal) {
        calls.add("signal " + signal);
    }

    @Override
    public void prepare() {
        calls.add("prepare");
    }

    @Override
    public void closeUnused() {
        calls.add("close unused");
    }

    @Override
    public void runEntryBarriers() {
        calls.add("run entry barriers");
    }

    @Override
    public void releaseFreeMemory() {
        calls.add("release free memory");
    }

    @Override
    public FullReason nextKind(Path to) {
        return nextKind;
    }

    @Override
    public CheckpointOutcome checkpoint(CheckpointRequest asked) {
        calls.add("checkpoint");
        request = asked;
        if (failure != null) {
            throw failure;
        }
        if (outcome == RESTORED) {
            restores++; // as the engine does, before any thread of the restored process runs
        }
        return outcome;
    }

    @Override
    public CheckpointOutcome.Failed check(CheckpointRequest asked) {
        calls.add("check");
        request = asked;
        return checked;
    }

    @Override
    public void refresh(long oldPid) {
        calls.add("refresh " + oldPid);
    }

    @Override
    public void recovered() {
        calls.add("recovered");
    }

    @Override
    public long restores() {
        return restores;
    }

    @Override
    public long restoreStartNanos() {
        return System.nanoTime();
    }

    @Override
    public String cpuFeatures() {
        return "0123";
    }

    @Override
    public List<String> restoreArguments() {
        return restoreArguments;
    }
}
