// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.scenario;

import java.util.concurrent.Callable;

/** A thread with a result. */
final class Task {
    private final Thread thread;
    private volatile Object result;

    Task(boolean virtual, Callable<Object> body) {
        Runnable task = () -> run(body);
        thread = virtual ? Thread.ofVirtual().unstarted(task) : Thread.ofPlatform().daemon().unstarted(task);
        thread.start();
    }

    private void run(Callable<Object> body) {
        try {
            result = body.call();
        } catch (Exception e) {
            result = e;
        }
    }

    Thread thread() {
        return thread;
    }

    /** What the body gave, or the exception it threw. */
    Object result() throws InterruptedException {
        Scenarios.end(thread);
        return result;
    }
}
