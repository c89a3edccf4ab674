// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/** The kinds of ThreadZoo: each a step that is repeated. */
final class ZooKinds {
    interface Step {
        void run() throws Exception;
    }

    record Kind(String name, Step step) {}

    private static final int SELECTORS = 8;
    private static final int QUEUE_PAIRS = 20;

    private final Object contended = new Object();
    private final Object waited = new Object();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition condition = lock.newCondition();
    private final byte[] animalClass;
    private final ScheduledExecutorService waker;
    private int contendedCounter;
    private volatile Object garbage;
    private volatile double sink;

    ZooKinds() throws IOException {
        try (InputStream in = ZooAnimal.class.getResourceAsStream("ZooAnimal.class")) {
            animalClass = in.readAllBytes();
        }
        waker = Executors.newSingleThreadScheduledExecutor(runnable -> {
            Thread thread = new Thread(runnable, "waker");
            thread.setDaemon(true);
            return thread;
        });
        waker.scheduleAtFixedRate(this::wakeAll, 1, 50, TimeUnit.MILLISECONDS);
    }

    private void wakeAll() {
        synchronized (waited) {
            waited.notifyAll();
        }
        lock.lock();
        try {
            condition.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** So many kinds: those that keep a processor busy once each, those that mostly rest for all the others. */
    List<Kind> share(int threads) throws IOException {
        List<Kind> kinds = new ArrayList<>(busy());
        for (int i = 0; i < SELECTORS; i++) {
            kinds.add(selecting());
        }
        for (int i = 0; i < QUEUE_PAIRS && kinds.size() + 2 <= threads; i++) {
            BlockingQueue<Integer> queue = new ArrayBlockingQueue<>(4);
            kinds.add(new Kind("producing", () -> produce(queue)));
            kinds.add(new Kind("consuming", () -> consume(queue)));
        }
        List<Kind> resting = resting();
        for (int i = 0; kinds.size() < threads; i++) {
            kinds.add(resting.get(i % resting.size()));
        }
        return kinds.subList(0, threads);
    }

    Kind virtualKind(int index) {
        List<Kind> resting = resting();
        Kind kind = resting.get(index % resting.size());
        return new Kind("virtual-" + kind.name(), kind.step());
    }

    private List<Kind> busy() {
        return List.of(
                new Kind("spinning", this::spin),
                new Kind("throwing", this::throwDeep),
                new Kind("faulting", this::faultImplicitly),
                new Kind("overflowing", this::overflowStack),
                new Kind("loading", this::loadClass),
                new Kind("allocating", this::allocate),
                new Kind("collecting", ZooKinds::collect));
    }

    private List<Kind> resting() {
        return List.of(
                new Kind("sleeping", () -> Thread.sleep(50)),
                new Kind("waiting", this::waitForNotify),
                new Kind("parked", () -> LockSupport.parkNanos(50_000_000)),
                new Kind("contending", this::contend),
                new Kind("conditional", this::awaitCondition));
    }

    private void spin() {
        double sum = 0;
        for (int i = 1; i < 1_000_000; i++) {
            sum += Math.sqrt(i) / (i & 7 | 1);
        }
        if (Math.abs(sum - 2.79e8) > 1e8) {
            throw new IllegalStateException("floating point went wrong: " + sum);
        }
        sink = sum;
    }

    private void throwDeep() {
        try {
            dive(30);
            throw new AssertionError("not reached");
        } catch (IllegalArgumentException e) {
            garbage = e;
        }
    }

    private void dive(int depth) {
        if (depth == 0) {
            throw new IllegalArgumentException("at the bottom");
        }
        dive(depth - 1);
    }

    /** HotSpot finds these out by SIGSEGV and SIGFPE. */
    private void faultImplicitly() {
        int caught = 0;
        for (int i = 0; i < 100; i++) {
            try {
                sink = lengthOf(i % 2 == 0 ? null : "x") / (i % 3);
            } catch (NullPointerException | ArithmeticException e) {
                caught++;
            }
        }
        if (caught != 67) {
            throw new IllegalStateException("caught " + caught + " instead of 67");
        }
    }

    private static int lengthOf(String text) {
        return text.length();
    }

    private void overflowStack() {
        try {
            sink = recurse(0);
            throw new AssertionError("not reached");
        } catch (StackOverflowError e) {
            garbage = e;
        }
    }

    private int recurse(int depth) {
        return recurse(depth + 1) + 1;
    }

    private void loadClass() throws Exception {
        ClassLoader loader = new ClassLoader(null) {
            @Override
            protected Class<?> findClass(String name) {
                return defineClass(name, animalClass, 0, animalClass.length);
            }
        };
        Class<?> loaded = loader.loadClass("dev.thaw.apps.ZooAnimal");
        Object noise = loaded.getMethod("noise").invoke(loaded.getConstructor().newInstance());
        if (loaded == ZooAnimal.class || !noise.equals("moo")) {
            throw new IllegalStateException(loaded + " says " + noise);
        }
    }

    private void allocate() {
        List<byte[]> kept = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            byte[] bytes = new byte[100 + i];
            bytes[i] = (byte) i;
            kept.add(bytes);
        }
        for (int i = 0; i < 500; i++) {
            if (kept.get(i)[i] != (byte) i) {
                throw new IllegalStateException("byte " + i + " is " + kept.get(i)[i]);
            }
        }
        garbage = kept;
    }

    private static void collect() throws InterruptedException {
        System.gc();
        Thread.sleep(250);
    }

    private void waitForNotify() throws InterruptedException {
        synchronized (waited) {
            waited.wait();
        }
    }

    private void awaitCondition() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            condition.await();
        } finally {
            lock.unlock();
        }
    }

    private void contend() throws InterruptedException {
        synchronized (contended) {
            contendedCounter++;
        }
        Thread.sleep(10);
    }

    private static void produce(BlockingQueue<Integer> queue) throws InterruptedException {
        queue.put(42);
        Thread.sleep(5);
    }

    private static void consume(BlockingQueue<Integer> queue) throws InterruptedException {
        if (queue.take() != 42) {
            throw new IllegalStateException("another number came out of the queue");
        }
    }

    /** A selector of its own, woken by wakeup() and by a byte in a pipe in turn. */
    private Kind selecting() throws IOException {
        Selector selector = Selector.open();
        Pipe pipe = Pipe.open();
        pipe.source().configureBlocking(false);
        pipe.source().register(selector, SelectionKey.OP_READ);
        int[] turn = {0};
        waker.scheduleAtFixedRate(() -> wake(selector, pipe, turn), 1, 10, TimeUnit.MILLISECONDS);
        return new Kind("selecting", () -> select(selector, pipe));
    }

    private static void wake(Selector selector, Pipe pipe, int[] turn) {
        if (turn[0]++ % 2 == 0) {
            selector.wakeup();
            return;
        }
        try {
            pipe.sink().write(ByteBuffer.wrap(new byte[] {7}));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void select(Selector selector, Pipe pipe) throws IOException {
        selector.select();
        if (selector.selectedKeys().isEmpty()) {
            return;
        }
        selector.selectedKeys().clear();
        ByteBuffer read = ByteBuffer.allocate(16);
        if (pipe.source().read(read) < 1 || read.get(0) != 7) {
            throw new IllegalStateException("the pipe held something else");
        }
    }
}
