// SPDX-License-Identifier: Apache-2.0
package dev.thaw.jcmd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jdk.crac.CheckpointException;
import jdk.crac.impl.CheckpointOpenFileException;
import org.junit.jupiter.api.Test;

class ReasonsTest {
    private static final StackTraceElement IN_THAW = frame("dev.thaw.checkpoint.CheckpointSequence", "run");
    private static final StackTraceElement IN_CONTEXT = frame("jdk.crac.impl.OrderedContext", "beforeCheckpoint");

    @Test
    void eachReasonStandsThereOnceWithItsNumberAndItsPlace() {
        Exception opened = at(new Exception("created by main"), frame("dev.thaw.patches.boot.OpenTraces", "opened"),
                frame("java.io.FileDescriptor", "<init>"), frame("com.example.App", "open"));
        CheckpointException failure = at(new CheckpointException(), IN_THAW);
        failure.addSuppressed(at(new CheckpointOpenFileException("file /a is open", opened), IN_THAW));
        failure.addSuppressed(at(new IllegalStateException("busy"), frame("com.example.App", "beforeCheckpoint"),
                IN_CONTEXT, frame("com.example.App", "main")));
        assertEquals("""
                An exception during a checkpoint operation:
                jdk.crac.CheckpointException
                 (1) jdk.crac.impl.CheckpointOpenFileException: file /a is open
                   caused by: java.lang.Exception: created by main
                   at java.io.FileDescriptor.<init>(Source.java:7)
                   at com.example.App.open(Source.java:7)
                 (2) java.lang.IllegalStateException: busy
                   at com.example.App.beforeCheckpoint(Source.java:7)
                """, Reasons.explain(failure));
    }

    @Test
    void whatNobodyExpectedComesWithItsWholeTrace() {
        String text = Reasons.explain(at(new OutOfMemoryError("heap"), IN_THAW));
        assertTrue(text.contains("OutOfMemoryError: heap") && text.contains("CheckpointSequence.run"), text);
    }

    @Test
    void causesThatGoRoundEnd() {
        Exception one = at(new Exception("one"));
        Exception other = at(new Exception("other", one));
        one.initCause(other);
        CheckpointException failure = new CheckpointException();
        failure.addSuppressed(one);
        assertTrue(Reasons.explain(failure).lines().count() < 20);
    }

    private static <T extends Throwable> T at(T thrown, StackTraceElement... frames) {
        thrown.setStackTrace(frames);
        return thrown;
    }

    private static StackTraceElement frame(String type, String method) {
        return new StackTraceElement(type, method, "Source.java", 7);
    }
}
