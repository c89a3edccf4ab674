// SPDX-License-Identifier: Apache-2.0
package dev.thaw.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.agent.AgentOptions;
import dev.thaw.core.CheckpointOutcome;
import dev.thaw.core.CoreException;
import dev.thaw.core.FullReason;
import dev.thaw.core.Refusal;
import dev.thaw.core.Step;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.ref.Reference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Properties;
import jdk.crac.CheckpointException;
import jdk.crac.Core;
import jdk.crac.RestoreException;
import jdk.crac.impl.CheckpointOpenFileException;
import jdk.crac.impl.CheckpointOpenResourceException;
import jdk.crac.impl.CheckpointOpenSocketException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The steps of a checkpoint, with an engine that writes nothing. */
@Timeout(60)
class CheckpointSequenceTest {
    private static final String PID = Long.toString(ProcessHandle.current().pid());

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
    void goesThroughTheStepsInOrderWhenTheProcessRunsOn() throws Exception {
        CheckpointResult result = service.onRequest(service.options().withRequested("keep_running"), null);
        assertEquals(new CheckpointResult(false, "a report", null), result);
        assertEquals(List.of("prepare", "before", "close unused", "release free memory", "checkpoint", "after"), calls);
        assertTrue(engine.request.keepRunning());
        assertEquals(-1, engine.request.replyFd());
    }

    @Test
    void refreshesBeforeTheCallbacksInTheRestoredProcess() throws Exception {
        engine.outcome = FakeEngine.RESTORED;
        engine.restoreArguments = List.of("-Dthaw.test.restored=yes", "-Dthaw.to=" + folder.resolve("other"));
        System.clearProperty("thaw.test.restored");
        resource.onAfter = () -> calls.add("property " + System.getProperty("thaw.test.restored"));
        CheckpointResult result = service.onRequest(service.options(), null);
        assertEquals(new CheckpointResult(true, null, null), result);
        assertEquals(List.of("prepare", "before", "close unused", "release free memory", "checkpoint",
                "refresh " + PID, "after", "property yes", "recovered"), calls);
        assertEquals(folder.resolve("other"), service.options().to());
    }

    @Test
    void createsTheFolderForNobodyElseButOnlyNow() throws Exception {
        Path to = folder.resolve("a/b");
        assertFalse(Files.exists(to));
        service.forApplication();
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(to)));
        assertEquals(to, engine.request.to());
    }

    @Test
    void aFolderThatCannotBeIsAReasonAndNobodyIsCalled() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));
        CheckpointException refused = assertThrows(CheckpointException.class,
                () -> service.onRequest(service.options().withRequested("to=" + file), null));
        assertTrue(refused.getSuppressed()[0].getMessage().contains(file.toString()), refused.toString());
        assertEquals(List.of("prepare"), calls);
    }

    @Test
    void writesNothingWhenAResourceRefusesAndTellsBothSetsOfReasons() {
        resource.before = new IllegalStateException("busy");
        resource.after = new IOException("cannot come back");
        CheckpointException refused = assertThrows(CheckpointException.class, service::forApplication);
        assertEquals(List.of(resource.before, resource.after), List.of(refused.getSuppressed()));
        assertEquals(List.of("prepare", "before", "check", "after"), calls);
    }

    @Test
    void aResourceThatRefusesDoesNotHideWhatTheEngineWouldRefuse() {
        resource.before = new IllegalStateException("busy");
        engine.checked = new CheckpointOutcome.Failed(Step.REFUSED, 0, 0, "", List.of(
                refusal(Refusal.Reason.CONNECTION), refusal(Refusal.Reason.CHILD)), 2);
        CheckpointException refused = assertThrows(CheckpointException.class, service::forApplication);
        List<Throwable> reasons = List.of(refused.getSuppressed());
        assertEquals(3, reasons.size(), reasons.toString());
        assertSame(resource.before, reasons.get(0));
        assertInstanceOf(CheckpointOpenSocketException.class, reasons.get(1));
        assertSame(CheckpointOpenResourceException.class, reasons.get(2).getClass());
    }

    @Test
    void aFileOfPoliciesThatCannotBeUsedIsAReason() {
        System.setProperty("jdk.crac.resource-policies", folder.resolve("absent").toString());
        try {
            CheckpointException refused = assertThrows(CheckpointException.class, service::forApplication);
            assertEquals("File " + folder.resolve("absent")
                    + " used in property jdk.crac.resource-policies does not exist", refused.getSuppressed()[0].getMessage());
            assertEquals(List.of("prepare", "before", "close unused", "after"), calls);
        } finally {
            System.clearProperty("jdk.crac.resource-policies");
        }
    }

    @Test
    void translatesWhatTheEngineRefuses() {
        engine.outcome = new CheckpointOutcome.Failed(Step.REFUSED, 0, 0, "", List.of(
                refusal(Refusal.Reason.CONNECTION), refusal(Refusal.Reason.WRITABLE_FILE),
                refusal(Refusal.Reason.CHILD)), 5);
        CheckpointException refused = assertThrows(CheckpointException.class, service::forApplication);
        List<Throwable> reasons = List.of(refused.getSuppressed());
        assertInstanceOf(CheckpointOpenSocketException.class, reasons.get(0));
        assertInstanceOf(CheckpointOpenFileException.class, reasons.get(1));
        assertSame(CheckpointOpenResourceException.class, reasons.get(2).getClass());
        assertEquals("and 2 more", reasons.get(3).getMessage());
        assertEquals(refusal(Refusal.Reason.CONNECTION).message(), reasons.get(0).getMessage());
        assertEquals(List.of("prepare", "before", "close unused", "release free memory", "checkpoint", "after"), calls);
    }

    @Test
    void aFailureWithoutRefusalsIsOneReason() {
        engine.outcome = new CheckpointOutcome.Failed(Step.WRITE, 28, 0, "/snapshots/x", List.of(), 0);
        CheckpointException refused = assertThrows(CheckpointException.class, service::forApplication);
        assertEquals(((CheckpointOutcome.Failed) engine.outcome).message(), refused.getSuppressed()[0].getMessage());
        assertSame(RuntimeException.class, refused.getSuppressed()[0].getClass());
    }

    @Test
    void anExceptionOfTheEngineIsAReasonToo() {
        engine.failure = new CoreException("broken");
        CheckpointException refused = assertThrows(CheckpointException.class, service::forApplication);
        assertEquals(List.of(engine.failure), List.of(refused.getSuppressed()));
        assertEquals(List.of("prepare", "before", "close unused", "release free memory", "checkpoint", "after"), calls);
    }

    @Test
    void balancesTheCallbacksWhenAnErrorEscapes() {
        resource.beforeError = new AssertionError("on purpose");
        assertSame(resource.beforeError, assertThrows(AssertionError.class, service::forApplication));
        assertEquals(List.of("prepare", "before", "after"), calls);
        resource.beforeError = null;
        calls.clear();
        assertThrowsNothing();
        assertEquals(List.of("prepare", "before", "close unused", "release free memory", "checkpoint", "after"), calls);
    }

    @Test
    void throwsRestoreExceptionToApplicationsAndReturnsItToJcmd() throws Exception {
        resource.after = new IOException("cannot come back");
        for (CheckpointOutcome outcome : List.of(FakeEngine.WRITTEN, FakeEngine.RESTORED)) {
            engine.outcome = outcome;
            RestoreException failed = assertThrows(RestoreException.class, service::forApplication);
            assertEquals(List.of(resource.after), List.of(failed.getSuppressed()));
        }
        engine.outcome = FakeEngine.WRITTEN;
        CheckpointResult result = service.onRequest(service.options(), null);
        assertEquals("a report", result.report());
        assertEquals(List.of(resource.after), List.of(result.restoreFailure().getSuppressed()));
    }

    @Test
    void collectsGarbageBeforeAFullSnapshotOnly() throws Exception {
        engine.nextKind = FullReason.FIRST;
        assertTrue(collectsGarbage("gc=auto"), "first");
        assertFalse(collectsGarbage("gc=false"), "first, gc=false");
        engine.nextKind = FullReason.IS_DELTA;
        assertFalse(collectsGarbage("gc=auto"), "delta");
        assertTrue(collectsGarbage("gc=true"), "delta, gc=true");
        assertTrue(collectsGarbage("full=true"), "delta, full=true");
    }

    @Test
    void removesWhatBearsTheOldPid() throws Exception {
        service.forApplication();
        List<Path> removed = engine.request.removeAtEnd();
        for (String end : List.of("", ".thaw", ".hs")) {
            assertTrue(removed.contains(Path.of("/tmp/.java_pid" + PID + end)), removed.toString());
        }
        assertTrue(removed.contains(Path.of("/tmp/hsperfdata_" + System.getProperty("user.name"), PID)),
                removed.toString());
    }

    private CheckpointService service(String options) {
        return new CheckpointService(AgentOptions.parse(options, new Properties()), 0, () -> engine);
    }

    private boolean collectsGarbage(String option) throws Exception {
        long before = fullCollections();
        service.onRequest(service.options().withRequested(option), null);
        return fullCollections() > before;
    }

    /** Those that System.gc() asks for; young ones may come at any time. */
    private static long fullCollections() {
        return ManagementFactory.getGarbageCollectorMXBeans().stream()
                .filter(collector -> collector.getName().matches("G1 Old Generation|MarkSweepCompact|PS MarkSweep"))
                .mapToLong(GarbageCollectorMXBean::getCollectionCount).sum();
    }

    private void assertThrowsNothing() {
        try {
            service.forApplication();
        } catch (CheckpointException | RestoreException e) {
            throw new AssertionError(e);
        }
    }

    private static Refusal refusal(Refusal.Reason reason) {
        return new Refusal(reason, 7, 42, 0, "127.0.0.1:8080", "127.0.0.1:9", "/some/name");
    }
}
