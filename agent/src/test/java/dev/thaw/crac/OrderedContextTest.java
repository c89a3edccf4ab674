// SPDX-License-Identifier: Apache-2.0
package dev.thaw.crac;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import jdk.crac.CheckpointException;
import jdk.crac.Context;
import jdk.crac.Core;
import jdk.crac.Resource;
import jdk.crac.RestoreException;
import jdk.crac.impl.OrderedContext;
import org.junit.jupiter.api.Test;

/** The rules of the global context. */
class OrderedContextTest {
    private final List<String> calls = new ArrayList<>();
    private final OrderedContext<Resource> context = new OrderedContext<>();

    @Test
    void callsInReverseOrderBeforeAndInOrderAfter() throws Exception {
        List<Resource> kept = register("a", "b", "c");
        context.beforeCheckpoint(null);
        context.afterRestore(null);
        assertEquals(List.of("before c", "before b", "before a", "after a", "after b", "after c"), calls);
        assertEquals(3, kept.size());
    }

    @Test
    void aResourceRegisteredAgainMovesToTheEndAndIsCalledOnce() throws Exception {
        List<Resource> kept = register("a", "b");
        context.register(kept.getFirst());
        context.beforeCheckpoint(null);
        assertEquals(List.of("before a", "before b"), calls);
    }

    @Test
    void givesEveryResourceBothCallsWhateverOthersThrow() {
        Recorder bad = new Recorder("bad");
        bad.before = new IllegalStateException("no");
        bad.after = new IOException("not again");
        List<Resource> kept = register("a");
        context.register(bad);
        kept.addAll(register("c"));
        CheckpointException refused = assertThrows(CheckpointException.class, () -> context.beforeCheckpoint(null));
        RestoreException failed = assertThrows(RestoreException.class, () -> context.afterRestore(null));
        assertArrayEquals(new Throwable[] {bad.before}, refused.getSuppressed());
        assertArrayEquals(new Throwable[] {bad.after}, failed.getSuppressed());
        assertEquals(List.of("before c", "before bad", "before a", "after a", "after bad", "after c"), calls);
        assertEquals(2, kept.size());
    }

    @Test
    void takesInWhatNestedContextsCollected() throws Exception {
        OrderedContext<Resource> outer = new OrderedContext<>();
        outer.register(context);
        Recorder first = new Recorder("first");
        Recorder second = new Recorder("second");
        first.before = new IllegalStateException("1");
        second.before = new IllegalStateException("2");
        first.after = new IOException("3");
        context.register(first);
        context.register(second);
        CheckpointException refused = assertThrows(CheckpointException.class, () -> outer.beforeCheckpoint(null));
        RestoreException failed = assertThrows(RestoreException.class, () -> outer.afterRestore(null));
        assertArrayEquals(new Throwable[] {second.before, first.before}, refused.getSuppressed());
        assertArrayEquals(new Throwable[] {first.after}, failed.getSuppressed());
    }

    @Test
    void keepsAnExceptionOfItsOwnClassThatHasNothingSuppressed() {
        Recorder bad = new Recorder("bad");
        bad.before = new CheckpointException("I refuse");
        context.register(bad);
        CheckpointException refused = assertThrows(CheckpointException.class, () -> context.beforeCheckpoint(null));
        assertArrayEquals(new Throwable[] {bad.before}, refused.getSuppressed());
    }

    @Test
    void letsErrorsPassAndCallsOnlyThoseBackThatWereCalled() throws Exception {
        Recorder bad = new Recorder("bad") {
            @Override
            public void beforeCheckpoint(Context<? extends Resource> caller) {
                calls.add("before bad");
                throw new AssertionError("on purpose");
            }
        };
        List<Resource> kept = register("never");
        context.register(bad);
        kept.addAll(register("last"));
        assertThrows(AssertionError.class, () -> context.beforeCheckpoint(null));
        context.afterRestore(null);
        assertEquals(List.of("before last", "before bad", "after bad", "after last"), calls);
        assertEquals(2, kept.size());
    }

    @Test
    void setsTheInterruptFlagAgain() {
        Recorder bad = new Recorder("bad");
        bad.before = new InterruptedException();
        context.register(bad);
        assertThrows(CheckpointException.class, () -> context.beforeCheckpoint(null));
        assertTrue(Thread.interrupted());
    }

    @Test
    void callsWhoRegistersMeanwhileOnlyTheNextTime() throws Exception {
        Recorder late = new Recorder("late");
        Recorder early = new Recorder("early") {
            @Override
            public void beforeCheckpoint(Context<? extends Resource> caller) throws Exception {
                super.beforeCheckpoint(caller);
                context.register(late);
            }
        };
        context.register(early);
        context.beforeCheckpoint(null);
        context.afterRestore(null);
        assertEquals(List.of("before early", "after early"), calls);
        calls.clear();
        context.beforeCheckpoint(null);
        assertEquals(List.of("before late", "before early"), calls);
    }

    @Test
    void holdsResourcesWeaklyExceptBetweenTheTwoCalls() throws Exception {
        WeakReference<Resource> between = registerUnheld("held");
        context.beforeCheckpoint(null);
        System.gc();
        context.afterRestore(null);
        assertEquals(List.of("before held", "after held"), calls);
        awaitCollected(between);
        calls.clear();
        context.beforeCheckpoint(null);
        assertEquals(List.of(), calls);
    }

    @Test
    void tellsResourcesApartByIdentity() throws Exception {
        // as org.crac's proxies: equals and hashCode are the user's, and even a proxy is not equal to itself
        Resource one = proxy("one");
        Resource two = proxy("two");
        context.register(one);
        context.register(two);
        context.beforeCheckpoint(null);
        assertEquals(List.of("beforeCheckpoint two", "beforeCheckpoint one"), calls);
    }

    @Test
    void passesItselfToTheResources() throws Exception {
        Recorder resource = new Recorder("a");
        context.register(resource);
        context.beforeCheckpoint(null);
        assertSame(context, resource.caller);
    }

    @Test
    void refusesNull() {
        assertThrows(NullPointerException.class, () -> context.register(null));
    }

    @Test
    void theApiIsOnTheBootLoaderAndTheGlobalContextIsOrdered() {
        assertNull(Core.class.getClassLoader());
        assertSame(Core.getGlobalContext(), Context.getGlobalContext());
        assertSame(OrderedContext.class, Core.getGlobalContext().getClass());
    }

    private List<Resource> register(String... names) {
        List<Resource> registered = new ArrayList<>();
        for (String name : names) {
            Resource resource = new Recorder(name);
            context.register(resource);
            registered.add(resource);
        }
        return registered;
    }

    private WeakReference<Resource> registerUnheld(String name) {
        Resource resource = new Recorder(name);
        context.register(resource);
        return new WeakReference<>(resource);
    }

    private static void awaitCollected(WeakReference<Resource> reference) {
        for (int i = 0; reference.get() != null; i++) {
            assertTrue(i < 100, "still held after " + i + " collections");
            System.gc();
        }
    }

    private Resource proxy(String name) {
        return (Resource) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {Resource.class},
                (self, method, arguments) -> switch (method.getName()) {
                    case "equals" -> false;
                    case "hashCode" -> 1;
                    case "toString" -> name;
                    default -> {
                        calls.add(method.getName() + " " + name);
                        yield null;
                    }
                });
    }

    private class Recorder implements Resource {
        private final String name;
        private Exception before;
        private Exception after;
        private Context<? extends Resource> caller;

        Recorder(String name) {
            this.name = name;
        }

        @Override
        public void beforeCheckpoint(Context<? extends Resource> caller) throws Exception {
            this.caller = caller;
            calls.add("before " + name);
            if (before != null) {
                throw before;
            }
        }

        @Override
        public void afterRestore(Context<? extends Resource> caller) throws Exception {
            calls.add("after " + name);
            if (after != null) {
                throw after;
            }
        }
    }
}
