// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.crac;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What of a Java program must be as it was: identity hashes, running loops, monitors held and waited for, deep stacks, many
 * threads.
 *
 * <p>Command {@code check} tells of each; what waits is released by it, so it comes once.
 */
public final class Portable {
    private static final int OBJECTS = 5000;
    private static final int DEPTH = 2000;
    private static final int THREADS = 100;

    private final Map<Object, Integer> hashes = new IdentityHashMap<>();
    private final AtomicLong counter = new AtomicLong();
    private final Object held = new Object();
    private final Object condition = new Object();
    private final CountDownLatch release = new CountDownLatch(1);
    private final AtomicInteger answers = new AtomicInteger();
    private final List<Thread> all = new ArrayList<>();
    private volatile boolean notified;
    private volatile long recursionSum;

    private Portable() {}

    public static void main(String[] args) throws Exception {
        Portable portable = new Portable();
        portable.start();
        Commands.readAll((command, value) -> portable.check());
    }

    private void start() throws InterruptedException {
        for (int i = 0; i < OBJECTS; i++) {
            Object object = new Object();
            hashes.put(object, System.identityHashCode(object));
        }
        Thread loop = new Thread(this::count, "loop");
        loop.setDaemon(true);
        loop.start();
        CountDownLatch inside = new CountDownLatch(1);
        waits(() -> hold(inside), Thread.State.WAITING);
        inside.await();
        waits(this::enter, Thread.State.BLOCKED);
        waits(this::awaitCondition, Thread.State.WAITING);
        waits(() -> recursionSum = recurse(DEPTH), Thread.State.WAITING);
        for (int i = 0; i < THREADS; i++) {
            waits(() -> {
                awaitRelease();
                answers.incrementAndGet();
            }, Thread.State.WAITING);
        }
    }

    private void waits(Runnable body, Thread.State state) {
        Thread thread = new Thread(body);
        all.add(thread);
        thread.start();
        while (thread.getState() != state) {
            Thread.onSpinWait();
        }
    }

    private void check() throws InterruptedException {
        long wrong = hashes.entrySet().stream()
                .filter(entry -> System.identityHashCode(entry.getKey()) != entry.getValue()).count();
        System.out.println(wrong == 0 ? "identity hashes are the same" : wrong + " identity hashes changed");
        long before = counter.get();
        while (counter.get() == before) {
            Thread.onSpinWait();
        }
        System.out.println("the loop goes on");
        System.out.println("the other thread holds its monitor: " + (all.get(1).getState() == Thread.State.BLOCKED));
        synchronized (condition) {
            notified = true;
            condition.notifyAll();
        }
        release.countDown();
        for (Thread thread : all) {
            thread.join();
        }
        System.out.println("the recursion returned " + recursionSum);
        System.out.println(answers + " threads answered");
    }

    private void count() {
        while (true) {
            counter.incrementAndGet();
        }
    }

    private void hold(CountDownLatch inside) {
        synchronized (held) {
            inside.countDown();
            awaitRelease();
        }
    }

    private void enter() {
        synchronized (held) {
            answers.incrementAndGet();
        }
    }

    private void awaitCondition() {
        synchronized (condition) {
            while (!notified) {
                try {
                    condition.wait();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        }
        answers.incrementAndGet();
    }

    private long recurse(int depth) {
        if (depth == 0) {
            awaitRelease();
            return 0;
        }
        return depth + recurse(depth - 1);
    }

    private void awaitRelease() {
        try {
            release.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
