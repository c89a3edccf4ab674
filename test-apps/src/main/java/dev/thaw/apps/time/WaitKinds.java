// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.time;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/** The kinds of TimedWaits. One that may end for no reason is repeated until its clock says that it is over. */
final class WaitKinds {
    /** Returns when the wait has begun. */
    interface Start {
        void start(Runnable end);
    }

    record Kind(String name, Start start) {}

    /** A wait for at most so many nanoseconds. */
    private interface Wait {
        void run(long nanos) throws Exception;
    }

    private final long nanos;
    private final long endMillis;
    private final List<Kind> kinds = new ArrayList<>();

    WaitKinds(int seconds) throws Exception {
        nanos = TimeUnit.SECONDS.toNanos(seconds);
        endMillis = System.currentTimeMillis() + TimeUnit.SECONDS.toMillis(seconds);
        threads();
        sockets();
        schedulers();
        virtualThreads();
        kernel();
    }

    List<Kind> all() {
        return kinds;
    }

    private void threads() {
        ReentrantLock lock = new ReentrantLock();
        Condition condition = lock.newCondition();
        platform("sleep", WaitKinds::sleep);
        platform("parkNanos", LockSupport::parkNanos);
        platform("parkUntil", left -> LockSupport.parkUntil(endMillis));
        platform("Object.wait", WaitKinds::waitForNobody);
        platform("join", left -> Thread.currentThread().join(left / 1_000_000 + 1));
        platform("queue", left -> new ArrayBlockingQueue<>(1).poll(left, TimeUnit.NANOSECONDS));
        platform("latch", left -> new CountDownLatch(1).await(left, TimeUnit.NANOSECONDS));
        platform("semaphore", left -> new Semaphore(0).tryAcquire(left, TimeUnit.NANOSECONDS));
        platform("future", WaitKinds::futureOfNobody);
        platform("condition", left -> {
            lock.lock();
            try {
                condition.awaitNanos(left);
            } finally {
                lock.unlock();
            }
        });
    }

    private static void sleep(long left) throws InterruptedException {
        Thread.sleep(left / 1_000_000, (int) (left % 1_000_000));
    }

    @SuppressWarnings("WaitNotInLoop")
    private static void waitForNobody(long left) throws InterruptedException {
        Object nobody = new Object();
        synchronized (nobody) {
            nobody.wait(left / 1_000_000 + 1);
        }
    }

    private static void futureOfNobody(long left) throws Exception {
        try {
            new CompletableFuture<Void>().get(left, TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return;
        }
    }

    private void sockets() throws Exception {
        Selector selector = Selector.open();
        ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        platform("select", left -> selector.select(left / 1_000_000 + 1));
        platform("accept", left -> {
            listener.setSoTimeout((int) (left / 1_000_000) + 1);
            try {
                listener.accept().close();
            } catch (SocketTimeoutException e) {
                return;
            }
        });
    }

    private void schedulers() {
        ScheduledExecutorService executor = Executors.newScheduledThreadPool(1);
        kinds.add(new Kind("scheduled", end -> executor.schedule(end, nanos, TimeUnit.NANOSECONDS)));
        kinds.add(new Kind("orTimeout", end -> new CompletableFuture<Void>().orTimeout(nanos, TimeUnit.NANOSECONDS)
                .whenComplete((nothing, timeout) -> end.run())));
        kinds.add(new Kind("Timer", end -> new Timer("timer", true).schedule(new TimerTask() {
            @Override
            public void run() {
                end.run();
            }
        }, nanos / 1_000_000)));
    }

    private void virtualThreads() {
        Semaphore nobody = new Semaphore(0);
        virtual("virtual sleep", WaitKinds::sleep);
        virtual("virtual parkNanos", LockSupport::parkNanos);
        virtual("virtual semaphore", left -> nobody.tryAcquire(left, TimeUnit.NANOSECONDS));
    }

    private void kernel() {
        long end = System.nanoTime() + nanos;
        int timer = NativeTime.timer(NativeTime.MONOTONIC, nanos);
        int sinceBoot = NativeTime.timer(NativeTime.BOOTTIME, nanos);
        kinds.add(new Kind("nanosleep", over -> platform(() -> NativeTime.sleepUntil(end), over)));
        kinds.add(new Kind("timerfd", over -> platform(() -> NativeTime.awaitTimer(timer), over)));
        kinds.add(new Kind("timerfd of boottime", over -> platform(() -> NativeTime.awaitTimer(sinceBoot), over)));
        platform("poll", left -> NativeTime.poll((int) (left / 1_000_000) + 1));
    }

    private void platform(String name, Wait wait) {
        kinds.add(new Kind(name, over -> platform(until(wait), over)));
    }

    private void virtual(String name, Wait wait) {
        kinds.add(new Kind(name, over -> Thread.ofVirtual().start(then(until(wait), over))));
    }

    private static void platform(Runnable wait, Runnable over) {
        Thread.ofPlatform().daemon().start(then(wait, over));
    }

    private static Runnable then(Runnable wait, Runnable over) {
        return () -> {
            wait.run();
            over.run();
        };
    }

    /** Its end is fixed here, before its thread is started. */
    private Runnable until(Wait wait) {
        long end = System.nanoTime() + nanos;
        return () -> {
            try {
                for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
                    wait.run(left);
                }
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        };
    }
}
