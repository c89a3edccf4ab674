// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.crac;

import java.util.concurrent.CountDownLatch;
import jdk.crac.Context;
import jdk.crac.Core;
import jdk.crac.Resource;

/**
 * Its only thread that is no daemon ends in beforeCheckpoint, as a server's does that stops, and afterRestore starts
 * another after a while in which there is none.
 */
public final class OnlyDaemons implements Resource {
    private static final OnlyDaemons KEPT = new OnlyDaemons();

    private final CountDownLatch stop = new CountDownLatch(1);
    private Thread server;

    private OnlyDaemons() {}

    public static void main(String[] args) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("the JVM ends")));
        KEPT.server = Thread.ofPlatform().name("server").start(() -> await(KEPT.stop));
        Core.getGlobalContext().register(KEPT);
        System.out.println("ready");
    }

    @Override
    public void beforeCheckpoint(Context<? extends Resource> context) throws InterruptedException {
        stop.countDown();
        server.join();
        awaitNoneButOurs();
        System.out.println("stopped");
    }

    @Override
    public void afterRestore(Context<? extends Resource> context) throws InterruptedException {
        awaitNoneButOurs();
        Thread next = Thread.ofPlatform().name("next").start(() -> System.out.println("started again"));
        next.join();
        System.out.println("recovered by a " + (Thread.currentThread().isDaemon() ? "daemon" : "user thread"));
    }

    /** DestroyJavaVM stands for the JVM's own wait for the last thread that is no daemon. */
    private static void awaitNoneButOurs() {
        while (Thread.getAllStackTraces().keySet().stream().anyMatch(thread -> !thread.isDaemon()
                && !thread.getName().equals("DestroyJavaVM") && !thread.getName().startsWith("thaw-"))) {
            Thread.onSpinWait();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
