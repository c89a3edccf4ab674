// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.scenario;

import java.io.IOException;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/** Waits with a limit, which a checkpoint finds under way: each ends, and none before its time. */
public final class TimedWaits {
    private static final long MS = 1500;
    private static final Timer TIMER = new Timer("timer", true);
    private static final ScheduledThreadPoolExecutor POOL = new ScheduledThreadPoolExecutor(1, task -> {
        Thread thread = new Thread(task, "pool");
        thread.setDaemon(true);
        return thread;
    });

    /** Returns when the time is over. */
    private interface Wait {
        void waitFor(long ms) throws Exception;
    }

    private TimedWaits() {}

    public static void main(String[] args) throws IOException {
        Scenarios scenarios = new Scenarios();
        add(scenarios, "sleep", Thread::sleep);
        add(scenarios, "wait", TimedWaits::objectWait);
        add(scenarios, "join", ms -> Thread.currentThread().join(ms));
        add(scenarios, "parkNanos", TimedWaits::park);
        add(scenarios, "await", ms -> new CountDownLatch(1).await(ms, TimeUnit.MILLISECONDS));
        add(scenarios, "poll", ms -> new LinkedBlockingQueue<>().poll(ms, TimeUnit.MILLISECONDS));
        add(scenarios, "tryLock", TimedWaits::tryLock);
        add(scenarios, "orTimeout", TimedWaits::orTimeout);
        add(scenarios, "Timer", TimedWaits::timer);
        add(scenarios, "ScheduledThreadPoolExecutor",
                ms -> POOL.schedule(() -> { }, ms, TimeUnit.MILLISECONDS).get());
        scenarios.obey();
    }

    private static void add(Scenarios scenarios, String name, Wait wait) {
        scenarios.add(name, new Timed(wait, false));
        scenarios.add(name + " in a virtual thread", new Timed(wait, true));
    }

    private static final class Timed implements Scenario {
        private final Wait wait;
        private final boolean virtual;
        private Thread thread;
        private volatile String outcome;

        Timed(Wait wait, boolean virtual) {
            this.wait = wait;
            this.virtual = virtual;
        }

        @Override
        public void arm() {
            CountDownLatch started = new CountDownLatch(1);
            outcome = "did not end";
            Runnable task = () -> run(started);
            thread = virtual ? Thread.startVirtualThread(task) : new Thread(task);
            if (!virtual) {
                thread.setDaemon(true);
                thread.start();
            }
            try {
                started.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        private void run(CountDownLatch started) {
            long start = System.nanoTime();
            started.countDown();
            try {
                wait.waitFor(MS);
                long ms = (System.nanoTime() - start) / 1_000_000;
                outcome = ms >= MS - 1 ? "in time" : "after " + ms + " ms";
            } catch (Exception e) {
                outcome = e.toString();
            }
        }

        @Override
        public void check() throws InterruptedException {
            Scenarios.end(thread);
            Scenarios.expect("in time", outcome);
        }
    }

    private static void objectWait(long ms) throws InterruptedException {
        Object monitor = new Object();
        long end = System.nanoTime() + ms * 1_000_000;
        synchronized (monitor) {
            for (long left = ms; left > 0; left = (end - System.nanoTime()) / 1_000_000) {
                monitor.wait(left);
            }
        }
    }

    private static void park(long ms) {
        long end = System.nanoTime() + ms * 1_000_000;
        for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private static void tryLock(long ms) throws Exception {
        ReentrantLock lock = new ReentrantLock();
        Thread owner = Thread.ofPlatform().start(lock::lock);
        owner.join();
        Scenarios.expect(false, lock.tryLock(ms, TimeUnit.MILLISECONDS));
    }

    private static void orTimeout(long ms) throws Exception {
        try {
            new CompletableFuture<Void>().orTimeout(ms, TimeUnit.MILLISECONDS).get();
        } catch (java.util.concurrent.ExecutionException e) {
            Scenarios.expect(TimeoutException.class, e.getCause().getClass());
        }
    }

    private static void timer(long ms) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        TIMER.schedule(new TimerTask() {
            @Override
            public void run() {
                done.countDown();
            }
        }, ms);
        done.await();
    }
}
