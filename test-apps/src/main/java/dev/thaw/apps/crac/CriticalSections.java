// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.crac;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import jdk.crac.Context;
import jdk.crac.Core;
import jdk.crac.Resource;

/**
 * Threads that no checkpoint may catch between two steps: they take both under the read lock, the resource has the write
 * lock from beforeCheckpoint to afterRestore. Command: {@code tell}.
 */
public final class CriticalSections implements Resource {
    private static final int THREADS = 8;

    private final ReadWriteLock lock = new ReentrantReadWriteLock(true);
    private final AtomicLong first = new AtomicLong();
    private final AtomicLong second = new AtomicLong();

    private CriticalSections() {}

    public static void main(String[] args) throws Exception {
        CriticalSections sections = new CriticalSections();
        for (int i = 0; i < THREADS; i++) {
            Thread.ofPlatform().daemon().start(sections::run);
        }
        Core.getGlobalContext().register(sections);
        Commands.readAll((command, value) -> {
            long before = sections.second.get();
            while (sections.second.get() == before) {
                Thread.onSpinWait();
            }
            System.out.println("the threads go on");
        });
    }

    private void run() {
        while (true) {
            lock.readLock().lock();
            try {
                first.incrementAndGet();
                Thread.yield();
                second.incrementAndGet();
            } finally {
                lock.readLock().unlock();
            }
        }
    }

    @Override
    public void beforeCheckpoint(Context<? extends Resource> context) {
        lock.writeLock().lock();
        System.out.println("before: " + (first.get() == second.get() ? "nobody inside" : "somebody inside"));
    }

    @Override
    public void afterRestore(Context<? extends Resource> context) {
        System.out.println("after: " + (first.get() == second.get() ? "nobody inside" : "somebody inside"));
        lock.writeLock().unlock();
    }
}
