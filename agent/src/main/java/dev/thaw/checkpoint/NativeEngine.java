// SPDX-License-Identifier: Apache-2.0
package dev.thaw.checkpoint;

import dev.thaw.agent.Agent;
import dev.thaw.core.CheckpointOutcome;
import dev.thaw.core.CheckpointRequest;
import dev.thaw.core.CoreException;
import dev.thaw.core.CoreOptions;
import dev.thaw.core.FullReason;
import dev.thaw.core.JdkAccess;
import dev.thaw.core.NativeCore;
import dev.thaw.core.ProcessIdentity;
import dev.thaw.core.hotspot.LibjvmSymbols;
import dev.thaw.core.hotspot.PidPlaces;
import dev.thaw.core.hotspot.TidPlaces;
import dev.thaw.patches.JdkPatches;
import dev.thaw.patches.jfr.FlightRecorderPause;
import java.lang.instrument.Instrumentation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** libthaw.so and the JDK's patches. */
final class NativeEngine implements Engine {
    private final Instrumentation instrumentation;
    private final NativeCore core;
    private final List<RuntimeException> failures = new ArrayList<>();
    private final ProcessIdentity identity;
    private List<String> notes;    // null until all is prepared

    private NativeEngine(Instrumentation instrumentation, NativeCore core) {
        this.instrumentation = instrumentation;
        this.core = core;
        identity = core.identity();
    }

    /**
     * Loads the library; to be called on a platform thread, whose HotSpot thread it looks at.
     *
     * @throws CoreException if this JVM or machine cannot be checkpointed
     */
    static NativeEngine open(Agent agent) {
        JdkAccess.openTo(agent.instrumentation(), NativeEngine.class);
        boolean lazy = agent.options().lazy();
        boolean prefetch = agent.options().prefetch();
        NativeCore core = NativeCore.open(new CoreOptions(lazy, prefetch, agent.jar().toPath().toAbsolutePath()));
        return new NativeEngine(agent.instrumentation(), core);
    }

    @Override
    public synchronized String status() {
        StringBuilder text = new StringBuilder(core.status().toText());
        for (String note : notes == null ? List.<String>of() : notes) {
            text.append("note: ").append(note).append('\n');
        }
        return text.toString();
    }

    @Override
    public void signalSelf(int signal) {
        core.signalSelf(signal);
    }

    @Override
    public synchronized void prepare() {
        if (notes == null) {
            JdkPatches.install(instrumentation, identity, new RestoredLaunch(core));
            LibjvmSymbols symbols = LibjvmSymbols.ofThisProcess(
                    Stream.of(PidPlaces.SYMBOLS, TidPlaces.SYMBOLS).flatMap(Set::stream).collect(Collectors.toSet()));
            PidPlaces pids = PidPlaces.find(symbols);
            core.setPidPlaces(pids.places());
            TidPlaces tids = TidPlaces.find(symbols);
            core.setTidPlaces(tids.places());
            notes = Stream.concat(pids.notes().stream(), tids.notes().stream()).toList();
        }
    }

    @Override
    public void closeUnused() {
        JdkPatches.beforeCheckpoint();
    }

    @Override
    public void runEntryBarriers() {
        core.runEntryBarriers();
    }

    @Override
    public void releaseFreeMemory() {
        core.releaseFreeMemory();
    }

    @Override
    public FullReason nextKind(Path to) {
        return core.nextKind(to);
    }

    @Override
    public CheckpointOutcome checkpoint(CheckpointRequest request) {
        failures.clear();
        return FlightRecorderPause.write(request, core::checkpoint, failures);
    }

    @Override
    public CheckpointOutcome.Failed check(CheckpointRequest request) {
        return (CheckpointOutcome.Failed) FlightRecorderPause.write(request, core::check, new ArrayList<>());
    }

    @Override
    public void refresh(long oldPid) {
        JdkPatches.afterRestore(oldPid, identity.pid());
        if (!failures.isEmpty()) {
            throw failures.getFirst();
        }
    }

    @Override
    public void recovered() {
        core.recovered();
    }

    @Override
    public long restores() {
        return identity.restores();
    }

    @Override
    public long restoreStartNanos() {
        return identity.startNanos();
    }

    @Override
    public String cpuFeatures() {
        return core.cpuFeatures();
    }

    @Override
    public List<String> restoreArguments() {
        return core.restoreArguments();
    }
}
