// SPDX-License-Identifier: Apache-2.0
package dev.thaw.checkpoint;

import dev.thaw.agent.AgentOptions;
import dev.thaw.agent.ProcessNames;
import dev.thaw.core.CheckpointOutcome;
import dev.thaw.core.CheckpointOutcome.Failed;
import dev.thaw.core.CheckpointOutcome.Restored;
import dev.thaw.core.CheckpointOutcome.Written;
import dev.thaw.core.CheckpointRequest;
import dev.thaw.core.FullReason;
import dev.thaw.core.Step;
import dev.thaw.resources.OpenResources;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import jdk.crac.CheckpointException;
import jdk.crac.Context;
import jdk.crac.Resource;
import jdk.crac.RestoreException;
import jdk.crac.impl.OrderedContext;

/**
 * The steps of one checkpoint, in their order. Whatever happens between them, every resource that was asked to
 * prepare is told to recover.
 */
final class CheckpointSequence {

    private final Engine engine;
    private final Context<Resource> resources;
    private final AgentOptions options;
    private final SnapshotTexts texts;
    private final int replyFd;
    private final CheckpointException checkpointFailure = new CheckpointException();
    private final RestoreException restoreFailure = new RestoreException();
    private final CheckpointResult restored = CheckpointResult.RESTORED;
    private RestoreArguments arguments = RestoreArguments.NONE;

    CheckpointSequence(Engine engine, Context<Resource> resources, AgentOptions options, SnapshotTexts texts,
                       int replyFd) {
        this.engine = engine;
        this.resources = resources;
        this.options = options;
        this.texts = texts;
        this.replyFd = replyFd;
    }

    /**
     * What follows {@link #prepareAndWrite} may run for the first time in a restored process, as part of its start:
     * no lambda, string concatenation or pattern switch is linked there, and no class loaded.
     *
     * @return how it went on, in this process or in the restored one
     */
    CheckpointResult run() throws CheckpointException {
        CheckpointOutcome outcome = prepareAndWrite();
        if (outcome instanceof Failed failed) {
            RefusedResources.addTo(checkpointFailure, failed);
        }
        recover();
        if (outcome instanceof Restored) {
            engine.recovered();
        }
        if (!arguments.properties().isEmpty()) {
            startManagement();
        }
        if (hasReasons(checkpointFailure)) {
            throw checkpointFailure;
        }
        RestoreException failure = hasReasons(restoreFailure) ? restoreFailure : null;
        if (outcome instanceof Written written) {
            return new CheckpointResult(false, report(written), failure);
        }
        return failure == null ? restored : new CheckpointResult(true, null, failure);
    }

    /** Of the restore; empty in any other process. */
    RestoreArguments restoreArguments() {
        return arguments;
    }

    /** @return null when no snapshot was tried, since somebody refused */
    private CheckpointOutcome prepareAndWrite() throws CheckpointException {
        ProcessNames before;
        try {
            engine.prepare();
            createFolder(options.to());
            before = ProcessNames.ofThisProcess();
        } catch (IOException | RuntimeException e) {
            checkpointFailure.addSuppressed(e);
            throw checkpointFailure;
        }
        CheckpointOutcome outcome = null;
        boolean returned = false;
        try {
            resources.beforeCheckpoint(null);
            outcome = write(before);
            returned = true;
        } catch (CheckpointException e) {
            addAllSuppressed(e, checkpointFailure);
            outcome = check(before);
            returned = true;
        } catch (IOException | RuntimeException e) {
            checkpointFailure.addSuppressed(e);
            returned = true;
        } finally {
            if (!returned) {
                recover(); // an Error is on its way to the caller
            }
        }
        if (outcome instanceof Restored) {
            refresh(before);
        }
        return outcome;
    }

    private CheckpointOutcome write(ProcessNames names) throws IOException {
        boolean full = options.full() || engine.nextKind(options.to()) != FullReason.IS_DELTA;
        boolean collect = switch (options.gc()) {
            case AUTO, YOUNG -> full; // between deltas it would move, and so dirty, everything
            case ALWAYS -> true;
            case NEVER -> false;
        };
        if (collect && full) {
            HeapRelease.collect();
            YoungRelease.remember();
            engine.runEntryBarriers();
        } else if (collect) {
            System.gc();
        } else if (options.gc() == AgentOptions.Collection.YOUNG) {
            YoungRelease.collect();
        }
        engine.closeUnused();
        OpenResources open = OpenResources.find();
        if (!open.failures().isEmpty()) {
            return check(names, open);
        }
        engine.releaseFreeMemory();
        CheckpointOutcome outcome = engine.checkpoint(request(names, open));
        if (outcome instanceof Failed failed && open.allowLogs(failed.refusals())) {
            outcome = engine.checkpoint(request(names, open));
        }
        return outcome;
    }

    /** What else stands in the way when a resource refused: all of it is told at once. */
    private CheckpointOutcome check(ProcessNames names) {
        try {
            return check(names, OpenResources.find());
        } catch (IOException | RuntimeException e) {
            checkpointFailure.addSuppressed(e);
            return null;
        }
    }

    /** @return null: nothing but what is known */
    private CheckpointOutcome check(ProcessNames names, OpenResources open) throws IOException {
        for (Exception failure : open.failures()) {
            checkpointFailure.addSuppressed(failure);
        }
        Failed failed = engine.check(request(names, open));
        if (open.allowLogs(failed.refusals())) {
            failed = engine.check(request(names, open));
        }
        return failed.step() == Step.NONE ? null : failed;
    }

    private CheckpointRequest request(ProcessNames names, OpenResources open) throws IOException {
        List<Path> removeAtEnd = new ArrayList<>(names.sockets());
        removeAtEnd.add(names.performanceData());
        return new CheckpointRequest(options.to(), options.keepRunning(), options.full(), replyFd,
                options.quiesceTimeout(), removeAtEnd, open.decisions(), open.watchPaths(), texts.tags(engine),
                texts.score(resourceCount()));
    }

    private int resourceCount() {
        return resources instanceof OrderedContext<Resource> ordered ? ordered.size() : 0;
    }

    /** The properties of the restore are there before the JDK learns who it is now, and before the callbacks. */
    private void refresh(ProcessNames before) {
        try {
            texts.history().restored(engine.restoreStartNanos());
            arguments = RestoreArguments.parse(engine.restoreArguments());
            for (Map.Entry<String, String> property : arguments.properties().entrySet()) {
                System.setProperty(property.getKey(), property.getValue());
            }
            engine.refresh(before.pidNumber());
        } catch (RuntimeException e) {
            restoreFailure.addSuppressed(e);
        }
    }

    private void recover() {
        try {
            resources.afterRestore(null);
        } catch (RestoreException e) {
            addAllSuppressed(e, hasReasons(checkpointFailure) ? checkpointFailure : restoreFailure);
        }
    }

    /** After all resources. */
    private void startManagement() {
        Exception failure = ManagementAgent.start(arguments.properties());
        if (failure != null) {
            restoreFailure.addSuppressed(failure);
        }
    }

    private static String report(Written written) {
        return written.warning().isEmpty() ? written.report() : written.report() + "\n" + written.warning();
    }

    private static void createFolder(Path folder) throws IOException {
        try {
            Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(
                    PosixFilePermissions.fromString("rwx------")));
        } catch (FileAlreadyExistsException e) {
            throw new IOException("the folder of the snapshots, " + folder + ", cannot be used: "
                    + e.getFile() + " is no folder", e);
        } catch (FileSystemException e) {
            String reason = e instanceof AccessDeniedException ? "Permission denied" : e.getReason();
            throw new IOException("the folder of the snapshots, " + folder + ", cannot be created: "
                    + reason + " (" + e.getFile() + ")", e);
        }
    }

    private static boolean hasReasons(Exception failure) {
        return failure.getSuppressed().length > 0;
    }

    private static void addAllSuppressed(Exception from, Exception to) {
        for (Throwable each : from.getSuppressed()) {
            to.addSuppressed(each);
        }
    }
}
