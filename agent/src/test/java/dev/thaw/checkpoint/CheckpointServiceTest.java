// SPDX-License-Identifier: Apache-2.0
package dev.thaw.checkpoint;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.agent.AgentOptions;
import dev.thaw.core.CoreException;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jdk.crac.CheckpointException;
import jdk.crac.Core;
import jdk.crac.RestoreException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who may ask for a checkpoint, and what follows a restore, with an engine that writes nothing. */
@Timeout(60)
class CheckpointServiceTest {
    private static final String PID = Long.toString(ProcessHandle.current().pid());
    private static final List<String> MAIN_CALLS = Collections.synchronizedList(new ArrayList<>());

    @TempDir
    private Path folder;

    private final List<String> calls = Collections.synchronizedList(new ArrayList<>());
    private final FakeEngine engine = new FakeEngine(calls);
    private final RecordingResource resource = new RecordingResource(calls);
    private CheckpointService service;

    @BeforeEach
    void register() {
        service = service("to=" + folder.resolve("a/b"));
        Core.getGlobalContext().register(resource);
    }

    @AfterEach
    void forget() {
        resource.active = false;
        Reference.reachabilityFence(resource);
    }

    @Test
    void refusesRecursion() throws Exception {
        List<Throwable> refusals = new ArrayList<>();
        Runnable again = () -> refusals.addAll(List.of(
                assertThrows(CheckpointException.class, service::forApplication).getSuppressed()));
        resource.onBefore = again;
        resource.onAfter = again;
        service.forApplication();
        assertEquals(2, refusals.size());
        for (Throwable refusal : refusals) {
            assertEquals("java.lang.IllegalStateException: Recursive checkpoint is not allowed", refusal.toString());
        }
        assertEquals(List.of("prepare", "before", "close unused", "release free memory", "checkpoint", "after"), calls);
    }

    @Test
    void jcmdIsToldThatACheckpointIsUnderWayAndApplicationsWait() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        resource.onBefore = () -> {
            inside.countDown();
            awaitOrFail(release);
        };
        CompletableFuture<Void> first = checkpointOnAnotherThread();
        awaitOrFail(inside);
        resource.onBefore = null;
        assertThrows(CheckpointBusyException.class, () -> service.onRequest(service.options(), null));
        Thread waiting = Thread.ofPlatform().start(this::assertThrowsNothing);
        while (waiting.getState() != Thread.State.WAITING) {
            assertTrue(waiting.isAlive(), "did not wait");
            Thread.onSpinWait();
        }
        assertEquals(List.of("prepare", "before"), calls);
        release.countDown();
        first.get(30, TimeUnit.SECONDS);
        assertTrue(waiting.join(java.time.Duration.ofSeconds(30)));
        assertEquals(List.of("prepare", "before", "close unused", "release free memory", "checkpoint", "after",
                "prepare", "before", "close unused", "release free memory", "checkpoint", "after"), calls);
    }

    @Test
    void jcmdWaitsForTheCallbacksOfARestore() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        engine.outcome = FakeEngine.RESTORED;
        resource.onAfter = () -> {
            inside.countDown();
            awaitOrFail(release);
        };
        CompletableFuture<Void> restored = checkpointOnAnotherThread();
        awaitOrFail(inside);
        resource.onAfter = null;
        engine.outcome = FakeEngine.WRITTEN;
        Thread waiting = Thread.ofPlatform().start(() ->
                assertDoesNotThrow(() -> service.onRequest(service.options(), null)));
        while (waiting.getState() != Thread.State.WAITING) {
            assertTrue(waiting.isAlive(), "did not wait");
            Thread.onSpinWait();
        }
        release.countDown();
        restored.get(30, TimeUnit.SECONDS);
        assertTrue(waiting.join(java.time.Duration.ofSeconds(30)));
        assertEquals(List.of("prepare", "before", "close unused", "release free memory", "checkpoint", "after"),
                calls.subList(calls.size() - 6, calls.size()));
    }

    @Test
    void saysWhenItIsNotConfigured() {
        CheckpointService bare = service("");
        CheckpointException refused = assertThrows(CheckpointException.class, bare::forApplication);
        assertEquals("java.lang.RuntimeException: C/R is not configured", refused.getSuppressed()[0].toString());
        assertEquals(List.of(), calls);
    }

    @Test
    void aJvmThatCannotBeCheckpointedIsAnUnsupportedOperationAndJcmdIsToldWhy() {
        CoreException reason = new CoreException("this JVM cannot be checkpointed");
        CheckpointService unable = new CheckpointService(service.options(), 0, () -> {
            throw reason;
        });
        UnsupportedOperationException refused =
                assertThrows(UnsupportedOperationException.class, unable::forApplication);
        assertEquals(reason.getMessage(), refused.getMessage());
        CheckpointException told =
                assertThrows(CheckpointException.class, () -> unable.onRequest(unable.options(), null));
        assertEquals(List.of(reason), List.of(told.getSuppressed()));
        assertEquals(List.of(), calls);
    }

    @Test
    void keepsTheJvmUpMeanwhile() throws Exception {
        boolean[] kept = {false};
        resource.onBefore = () -> kept[0] = Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("thaw-keep-alive") && !thread.isDaemon());
        service.forApplication();
        assertTrue(kept[0]);
    }

    @Test
    void worksOnAVirtualThread() throws Exception {
        boolean[] virtual = {true};
        CheckpointService onVirtual = new CheckpointService(service.options(), 0, () -> {
            virtual[0] = Thread.currentThread().isVirtual();
            return engine;
        });
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                onVirtual.forApplication();
                done.complete(null);
            } catch (CheckpointException | RestoreException | RuntimeException e) {
                done.completeExceptionally(e);
            }
        });
        done.get(30, TimeUnit.SECONDS);
        assertFalse(virtual[0], "opened the engine on a virtual thread");
    }

    @Test
    void runsTheNewMainAfterTheCallbacksAndLetsItCheckpoint() throws Exception {
        MAIN_CALLS.clear();
        engine.outcome = FakeEngine.RESTORED;
        engine.restoreArguments = List.of("--", NewMainUnderTest.class.getName(), "x", "y");
        resource.onAfter = () -> MAIN_CALLS.add("after");
        NewMainUnderTest.service = service;
        service.forApplication();
        assertEquals(List.of("after", "main [x, y]", "after", "main [x, y]", "returned"), MAIN_CALLS);
    }

    @Test
    void aNewMainThatThrowsIsARestoreException() {
        engine.outcome = FakeEngine.RESTORED;
        engine.restoreArguments = List.of("--", "no.such.Main");
        RestoreException failed = assertThrows(RestoreException.class, service::forApplication);
        assertInstanceOf(ClassNotFoundException.class, failed.getSuppressed()[0].getCause());
    }

    @Test
    void runsNoNewMainWhenSomethingFailed() throws Exception {
        MAIN_CALLS.clear();
        engine.outcome = FakeEngine.RESTORED;
        engine.restoreArguments = List.of("--", NewMainUnderTest.class.getName());
        resource.after = new IOException("cannot come back");
        assertNotNull(service.onRequest(service.options(), null).restoreFailure());
        assertEquals(List.of(), MAIN_CALLS);
    }

    @Test
    void tellsItsStatusWithoutLoadingTheEngine() throws Exception {
        assertEquals("pid: " + PID + "\nto: " + folder.resolve("a/b") + "\ncheckpoints: not checkpointed yet\n",
                service.status());
        assertEquals(List.of(), calls);
        service.signalSelf(3);
        assertEquals(List.of("signal 3"), calls);
        assertEquals("pid: " + PID + "\nto: " + folder.resolve("a/b") + "\nstate: fake\n", service.status());
    }

    /** Started by a restore; restores once more from within. */
    public static final class NewMainUnderTest {
        private static CheckpointService service;

        private NewMainUnderTest() {}

        public static void main(String[] arguments) throws CheckpointException, RestoreException {
            MAIN_CALLS.add("main " + List.of(arguments));
            CheckpointService once = service;
            service = null;
            if (once != null) {
                once.forApplication();
                MAIN_CALLS.add("returned");
            }
        }
    }

    private CheckpointService service(String options) {
        return new CheckpointService(AgentOptions.parse(options, new Properties()), 0, () -> engine);
    }

    private CompletableFuture<Void> checkpointOnAnotherThread() {
        return CompletableFuture.runAsync(this::assertThrowsNothing);
    }

    private void assertThrowsNothing() {
        try {
            service.forApplication();
        } catch (CheckpointException | RestoreException e) {
            throw new AssertionError(e);
        }
    }

    private static void awaitOrFail(CountDownLatch latch) {
        try {
            assertTrue(latch.await(30, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
