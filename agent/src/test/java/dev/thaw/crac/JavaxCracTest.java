// SPDX-License-Identifier: Apache-2.0
package dev.thaw.crac;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import javax.crac.CheckpointException;
import javax.crac.Context;
import javax.crac.Core;
import javax.crac.Resource;
import javax.crac.RestoreException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** javax.crac is another name for what jdk.crac does. */
class JavaxCracTest {
    private final List<String> calls = new ArrayList<>();
    private final List<Object> kept = new ArrayList<>();
    private boolean active = true;

    @AfterEach
    void forget() {
        active = false;
    }

    @Test
    void sharesTheOrderOfTheGlobalContextWithJdkCrac() throws Exception {
        register(new Recorder("first"));
        registerJdk("second");
        register(new Recorder("third"));
        jdk.crac.Core.getGlobalContext().beforeCheckpoint(null);
        jdk.crac.Core.getGlobalContext().afterRestore(null);
        assertEquals(List.of("before third", "before second", "before first",
                "after first", "after second", "after third"), calls);
    }

    @Test
    void aResourceRegisteredAgainMovesToTheEndAndIsCalledOnce() throws Exception {
        Recorder first = new Recorder("first");
        register(first);
        register(new Recorder("second"));
        register(first);
        jdk.crac.Core.getGlobalContext().beforeCheckpoint(null);
        jdk.crac.Core.getGlobalContext().afterRestore(null);
        assertEquals(List.of("before first", "before second", "after second", "after first"), calls);
    }

    @Test
    void passesTheContextAndTakesInWhatNestedContextsCollected() {
        Recorder nested = new Recorder("nested");
        nested.before = new CheckpointException();
        nested.before.addSuppressed(new IOException("1"));
        nested.before.addSuppressed(new IOException("2"));
        nested.after = new RestoreException();
        nested.after.addSuppressed(new IOException("3"));
        register(nested);
        CheckpointException refused =
                assertThrows(CheckpointException.class, () -> Core.getGlobalContext().beforeCheckpoint(null));
        RestoreException failed =
                assertThrows(RestoreException.class, () -> Core.getGlobalContext().afterRestore(null));
        assertEquals(List.of(nested.before.getSuppressed()), List.of(refused.getSuppressed()));
        assertEquals(List.of(nested.after.getSuppressed()), List.of(failed.getSuppressed()));
        assertEquals(List.of(Core.getGlobalContext(), Core.getGlobalContext()), nested.callers);
    }

    @Test
    void anExceptionWithoutReasonsIsOneItself() {
        Recorder bad = new Recorder("bad");
        bad.before = new CheckpointException("I refuse");
        register(bad);
        CheckpointException refused =
                assertThrows(CheckpointException.class, () -> Core.getGlobalContext().beforeCheckpoint(null));
        assertEquals(List.of(bad.before), List.of(refused.getSuppressed()));
        assertThrowsNothing();
    }

    @Test
    void checkpointRestoreThrowsItsOwnExceptionWithTheSameReasons() {
        CheckpointException refused = assertThrows(CheckpointException.class, Core::checkpointRestore);
        assertEquals("java.lang.RuntimeException: C/R is not configured", refused.getSuppressed()[0].toString());
    }

    @Test
    void holdsResourcesWeaklyExceptBetweenTheTwoCalls() throws Exception {
        WeakReference<Resource> between = registerUnheld();
        Core.getGlobalContext().beforeCheckpoint(null);
        System.gc();
        assertTrue(between.get() != null, "collected between the two calls");
        Core.getGlobalContext().afterRestore(null);
        assertEquals(List.of("before unheld", "after unheld"), calls);
        for (int i = 0; between.get() != null; i++) {
            assertTrue(i < 100, "still held after " + i + " collections");
            System.gc();
        }
    }

    @Test
    void tellsResourcesApartByIdentity() throws Exception {
        register(proxy("one"));
        register(proxy("two"));
        Core.getGlobalContext().beforeCheckpoint(null);
        Core.getGlobalContext().afterRestore(null);
        assertEquals(List.of("beforeCheckpoint two", "beforeCheckpoint one", "afterRestore one", "afterRestore two"),
                calls);
    }

    @Test
    void refusesNullAndIsOnTheBootLoader() {
        assertThrows(NullPointerException.class, () -> Core.getGlobalContext().register(null));
        assertNull(Core.class.getClassLoader());
    }

    private void assertThrowsNothing() {
        try {
            Core.getGlobalContext().afterRestore(null);
        } catch (RestoreException e) {
            throw new AssertionError(e);
        }
    }

    private WeakReference<Resource> registerUnheld() {
        Resource resource = new Recorder("unheld");
        Core.getGlobalContext().register(resource);
        return new WeakReference<>(resource);
    }

    private void register(Resource resource) {
        kept.add(resource);
        Core.getGlobalContext().register(resource);
    }

    private void registerJdk(String name) {
        jdk.crac.Resource resource = new jdk.crac.Resource() {
            @Override
            public void beforeCheckpoint(jdk.crac.Context<? extends jdk.crac.Resource> context) {
                note("before " + name);
            }

            @Override
            public void afterRestore(jdk.crac.Context<? extends jdk.crac.Resource> context) {
                note("after " + name);
            }
        };
        kept.add(resource);
        jdk.crac.Core.getGlobalContext().register(resource);
    }

    private Resource proxy(String name) {
        return (Resource) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {Resource.class},
                (self, method, arguments) -> switch (method.getName()) {
                    case "equals" -> false;
                    case "hashCode" -> 1;
                    case "toString" -> name;
                    default -> {
                        note(method.getName() + " " + name);
                        yield null;
                    }
                });
    }

    /** The global context outlives a test, and so may its resources. */
    private void note(String call) {
        Reference.reachabilityFence(kept);
        if (active) {
            calls.add(call);
        }
    }

    private final class Recorder implements Resource {
        private final String name;
        private final List<Object> callers = new ArrayList<>();
        private CheckpointException before;
        private RestoreException after;

        Recorder(String name) {
            this.name = name;
        }

        @Override
        public void beforeCheckpoint(Context<? extends Resource> context) throws CheckpointException {
            note("before " + name);
            callers.add(context);
            if (active && before != null) {
                throw before;
            }
        }

        @Override
        public void afterRestore(Context<? extends Resource> context) throws RestoreException {
            note("after " + name);
            callers.add(context);
            if (active && after != null) {
                throw after;
            }
        }
    }
}
