// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * Threads of every kind, each of which must go on after a checkpoint and after a restore.
 *
 * <p>{@code ThreadZoo THREADS [virtual]}; commands on stdin: {@code progress} answers {@code progress ok}
 * when each single thread has got on since the question, or names those that have not; {@code end} stops all
 * of them and ends with status 0.
 */
public final class ThreadZoo {
    private static final int PROGRESS_SECONDS = 40;
    private static final int END_SECONDS = 20;

    /** One animal: its thread repeats its kind's step until told to stop. */
    private static final class Animal implements Runnable {
        final String name;
        final ZooKinds.Step step;
        volatile long progress;

        Animal(String name, ZooKinds.Step step) {
            this.name = name;
            this.step = step;
        }

        @Override
        @SuppressWarnings("NonAtomicOperationOnVolatileField")
        public void run() {
            try {
                while (!stopping) {
                    step.run();
                    progress = progress + 1;
                }
            } catch (InterruptedException e) {
                reportUnlessStopping(e);
            } catch (Throwable t) {
                reportUnlessStopping(new IllegalStateException(name + " failed", t));
            }
        }

        private static void reportUnlessStopping(Throwable t) {
            if (!stopping) {
                FAILURE.compareAndSet(null, t);
            }
        }
    }

    private static final AtomicReference<Throwable> FAILURE = new AtomicReference<>();
    private static volatile boolean stopping;

    private final List<Animal> animals = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    private ThreadZoo(int count, boolean virtual) throws Exception {
        int platform = virtual ? count / 2 : count;
        ZooKinds kinds = new ZooKinds();
        for (ZooKinds.Kind kind : kinds.share(platform)) {
            add(kind, Thread.ofPlatform());
        }
        for (int i = platform; i < count; i++) {
            add(kinds.virtualKind(i), Thread.ofVirtual());
        }
    }

    public static void main(String[] args) throws Exception {
        boolean virtual = args.length > 1 && args[1].equals("virtual");
        ThreadZoo zoo = new ThreadZoo(Integer.parseInt(args[0]), virtual);
        zoo.threads.forEach(Thread::start);
        System.out.println(zoo.progress());
        System.out.println("ready");
        zoo.obey();
    }

    private void add(ZooKinds.Kind kind, Thread.Builder builder) {
        Animal animal = new Animal(kind.name() + "-" + animals.size(), kind.step());
        animals.add(animal);
        threads.add(builder.name(animal.name).unstarted(animal));
    }

    private void obey() throws IOException, InterruptedException {
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            switch (line) {
                case "progress" -> System.out.println(progress());
                case "end" -> end();
                default -> System.out.println("unknown command " + line);
            }
        }
    }

    /** Waits until every animal's counter has moved twice: the first may have been on its way. */
    private String progress() {
        long[] before = animals.stream().mapToLong(animal -> animal.progress).toArray();
        long end = System.nanoTime() + PROGRESS_SECONDS * 1_000_000_000L;
        List<String> stuck = stuckSince(before);
        while (!stuck.isEmpty() && FAILURE.get() == null && System.nanoTime() < end) {
            LockSupport.parkNanos(1_000_000);
            stuck = stuckSince(before);
        }
        if (FAILURE.get() != null) {
            FAILURE.get().printStackTrace();
            return "progress failed: " + FAILURE.get();
        }
        return stuck.isEmpty() ? "progress ok: " + animals.size() + " threads" : "progress stuck: " + stuck;
    }

    private List<String> stuckSince(long[] before) {
        List<String> stuck = new ArrayList<>();
        for (int i = 0; i < before.length; i++) {
            if (animals.get(i).progress < before[i] + 2) {
                stuck.add(animals.get(i).name);
            }
        }
        return stuck;
    }

    private void end() throws InterruptedException {
        stopping = true;
        threads.forEach(Thread::interrupt);
        for (Thread thread : threads) {
            thread.join(END_SECONDS * 1000L);
            if (thread.isAlive()) {
                System.out.println("still alive: " + thread.getName());
                System.exit(1);
            }
        }
        System.out.println("ended clean");
        System.exit(0);
    }
}
