// SPDX-License-Identifier: Apache-2.0
package dev.thaw.crac;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import jdk.crac.Context;
import jdk.crac.Resource;
import jdk.crac.impl.BlockingOrderedContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who registers during a checkpoint waits for its end. */
@Timeout(60)
class BlockingOrderedContextTest {
    private final List<String> calls = Collections.synchronizedList(new ArrayList<>());
    private final BlockingOrderedContext<Resource> context = new BlockingOrderedContext<>();
    private final AtomicReference<Throwable> thrown = new AtomicReference<>();

    @Test
    void registeringWaitsForTheRestoreAndIsCalledTheNextTime() throws Exception {
        Resource early = resource("early");
        Resource late = resource("late");
        context.register(early);
        context.beforeCheckpoint(null);
        Thread registering = registerOnAnotherThread(late);
        awaitWaiting(registering);
        context.afterRestore(null);
        assertTrue(registering.join(Duration.ofSeconds(30)), "still waits");
        assertEquals(List.of("before early", "after early"), calls);
        calls.clear();
        context.beforeCheckpoint(null);
        context.afterRestore(null);
        assertEquals(List.of("before late", "before early", "after early", "after late"), calls);
    }

    @Test
    void anInterruptEndsTheWaitWithAnExceptionAndTheFlagIsSet() throws Exception {
        Resource late = resource("late");
        context.beforeCheckpoint(null);
        Thread registering = registerOnAnotherThread(late);
        awaitWaiting(registering);
        registering.interrupt();
        assertTrue(registering.join(Duration.ofSeconds(30)), "still waits");
        assertInstanceOf(RuntimeException.class, thrown.get());
        assertTrue(thrown.get().getMessage().startsWith("Interrupted while trying to register late"),
                thrown.get().getMessage());
        assertEquals(List.of("interrupted true"), calls);
        context.afterRestore(null);
        assertEquals(List.of("interrupted true"), calls);
    }

    @Test
    void aCallbackThatRegistersDoesNotWaitForItself() throws Exception {
        Resource late = resource("late");
        Resource early = new Resource() {
            @Override
            public void beforeCheckpoint(Context<? extends Resource> caller) {
                context.register(late);
            }

            @Override
            public void afterRestore(Context<? extends Resource> caller) {}
        };
        context.register(early);
        context.beforeCheckpoint(null);
        context.afterRestore(null);
        assertEquals(List.of(), calls);
        context.beforeCheckpoint(null);
        assertEquals(List.of("before late"), calls);
    }

    private Thread registerOnAnotherThread(Resource resource) {
        return Thread.ofPlatform().start(() -> {
            try {
                context.register(resource);
            } catch (RuntimeException e) {
                thrown.set(e);
                calls.add("interrupted " + Thread.interrupted());
            }
        });
    }

    private static void awaitWaiting(Thread thread) {
        while (Arrays.stream(thread.getStackTrace())
                .noneMatch(frame -> frame.getMethodName().equals("waitWhileCheckpointIsInProgress"))) {
            assertTrue(thread.isAlive(), "did not wait");
            Thread.onSpinWait();
        }
        while (thread.getState() != Thread.State.WAITING) {
            assertTrue(thread.isAlive(), "did not wait");
            Thread.onSpinWait();
        }
    }

    private Resource resource(String name) {
        return new Resource() {
            @Override
            public void beforeCheckpoint(Context<? extends Resource> caller) {
                calls.add("before " + name);
            }

            @Override
            public void afterRestore(Context<? extends Resource> caller) {
                calls.add("after " + name);
            }

            @Override
            public String toString() {
                return name;
            }
        };
    }
}
