// SPDX-License-Identifier: Apache-2.0
package dev.thaw.checkpoint;

import dev.thaw.agent.Agent;
import dev.thaw.agent.AgentOptions;
import dev.thaw.agent.PathPattern;
import dev.thaw.agent.ProcessNames;
import dev.thaw.core.CoreException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import jdk.crac.CheckpointException;
import jdk.crac.Core;
import jdk.crac.RestoreException;

/** One checkpoint at a time, whoever asks for it. */
final class CheckpointService {
    private final ReentrantLock inProgress = new ReentrantLock();
    private final EngineOnce engine;
    private final History history;
    private volatile AgentOptions options;
    private volatile long restoresBefore;

    /** Here, not with the caller, whose class is loaded and verified while the application starts. */
    static CheckpointService of(Agent agent, long startMillis) {
        return new CheckpointService(agent.options(), startMillis, () -> NativeEngine.open(agent));
    }

    CheckpointService(AgentOptions options, long startMillis, Supplier<Engine> engineOpener) {
        this.history = new History(startMillis);
        this.engine = new EngineOnce(engineOpener);
        this.options = options;
    }

    History history() {
        return history;
    }

    AgentOptions options() {
        return options;
    }

    void forApplication() throws CheckpointException, RestoreException {
        if (inProgress.isHeldByCurrentThread()) {
            throw refusal(new IllegalStateException("Recursive checkpoint is not allowed"));
        }
        if (options.to() != null) {
            openEngine();
        }
        inProgress.lock();
        CheckpointResult result = checkpointAndUnlock(options, null);
        if (result.restoreFailure() != null) {
            throw result.restoreFailure();
        }
    }

    CheckpointResult onRequest(AgentOptions requested, SocketChannel client)
            throws CheckpointException, CheckpointBusyException {
        if (!inProgress.tryLock() && !lockAfterRestore()) {
            throw new CheckpointBusyException();
        }
        return checkpointAndUnlock(requested, client);
    }

    /** In a restored process other threads run before the callbacks are through: who asks then waits for these. */
    private boolean lockAfterRestore() {
        Engine opened = engine.ifOpen();
        if (opened == null || opened.restores() == restoresBefore) {
            return false;
        }
        inProgress.lock();
        return true;
    }

    String status() throws IOException {
        Engine opened = engine.ifOpen();
        return "pid: " + ProcessNames.ofThisProcess().pid() + "\n"
                + "to: " + (options.to() == null ? "not set" : options.to()) + "\n"
                + (opened == null ? "checkpoints: not checkpointed yet\n" : opened.status());
    }

    /** By the engine; where that cannot be loaded, jcmd's other commands must still work. */
    void signalSelf(int signal) throws IOException {
        Engine opened;
        try {
            opened = engine.get();
        } catch (CoreException | LinkageError e) {
            SignalByShell.send(signal);
            return;
        }
        opened.signalSelf(signal);
    }

    private void openEngine() {
        try {
            engine.get();
        } catch (CoreException e) {
            throw new UnsupportedOperationException(e.getMessage(), e);
        }
    }

    private CheckpointResult checkpointAndUnlock(AgentOptions requested, SocketChannel client)
            throws CheckpointException {
        KeepAlive keepAlive = null;
        try {
            CheckpointResult result;
            RestoreArguments arguments;
            try {
                keepAlive = new KeepAlive();
                CheckpointSequence sequence = sequence(requested, client);
                result = sequence.run();
                history.checkpointed();
                arguments = sequence.restoreArguments();
            } finally {
                inProgress.unlock();
            }
            return result.restored() ? continueRestored(result, arguments, client) : result;
        } finally {
            if (keepAlive != null) {
                keepAlive.close();
            }
        }
    }

    private CheckpointSequence sequence(AgentOptions requested, SocketChannel client) throws CheckpointException {
        if (requested.to() == null) {
            throw refusal(new RuntimeException("C/R is not configured"));
        }
        try {
            Engine opened = engine.get();
            restoresBefore = opened.restores();
            int replyFd = client == null ? -1 : ClientDescriptor.of(client);
            return new CheckpointSequence(opened, Core.getGlobalContext(), withFolder(requested, opened),
                    SnapshotTexts.of(history, requested), replyFd);
        } catch (CoreException | IllegalArgumentException | UncheckedIOException e) {
            throw refusal(e);
        }
    }

    private AgentOptions withFolder(AgentOptions requested, Engine opened) {
        return requested.pattern() == null ? requested : requested.withFolder(PathPattern.expand(requested.pattern(),
                new FolderValues(history, opened, System.currentTimeMillis())));
    }

    /** A main class runs when all went well, and may ask for checkpoints of its own. */
    private CheckpointResult continueRestored(CheckpointResult result, RestoreArguments arguments,
                                              SocketChannel client) {
        if (client != null) {
            try {
                client.close();
            } catch (IOException e) {
                // its other end stayed with the process that wrote the snapshot
            }
        }
        options = options.withRestored(arguments.properties());
        if (arguments.main().isEmpty() || result.restoreFailure() != null) {
            return result;
        }
        RestoreException failure = NewMain.run(arguments.main());
        return new CheckpointResult(true, null, failure);
    }

    private static CheckpointException refusal(Exception reason) {
        CheckpointException exception = new CheckpointException();
        exception.addSuppressed(reason);
        return exception;
    }
}
