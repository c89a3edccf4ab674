// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import dev.thaw.core.JdkAccess;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.lang.ref.Cleaner.Cleanable;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import net.bytebuddy.jar.asm.ClassVisitor;

/**
 * jdk.internal.ref.CleanerImpl, of the JDK and of applications, JDK 22-25 (tested: 25). Without it a file or socket that
 * is unreachable but not closed may still be open when the descriptors are looked at: the collector only lists it, and
 * threads of Java close it a moment later. Here a checkpoint waits for those: for the list to be handed out, and for
 * each Cleaner's thread to do what it was handed.
 */
final class CleanerImplPatch extends IdleThings {
    /** An action of the application's may take any time. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long LOOK_AGAIN_MILLIS = 20;

    private MethodHandle waitForReferenceProcessing;
    private Class<?> type;
    private VarHandle queue;

    @Override
    public String name() {
        return "CleanerImpl";
    }

    @Override
    public Map<Class<?>, UnaryOperator<ClassVisitor>> changes() throws ReflectiveOperationException {
        MethodHandles.Lookup lookup = JdkAccess.lookup();
        waitForReferenceProcessing = lookup.findStatic(Reference.class, "waitForReferenceProcessing",
                MethodType.methodType(boolean.class));
        type = lookup.findClass("jdk.internal.ref.CleanerImpl");
        queue = lookup.findVarHandle(type, "queue", ReferenceQueue.class);
        return super.changes();
    }

    @Override
    public void beforeCheckpoint() {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        boolean interrupted = Thread.interrupted();
        try {
            boolean more = true;
            while (more && System.nanoTime() < deadline) {
                more = (boolean) waitForReferenceProcessing.invokeExact();
            }
            for (Thread thread : threads().all()) {
                Runnable task = threads().task(thread);
                if (type.isInstance(task) && thread != Thread.currentThread()) {
                    new Turn((ReferenceQueue<?>) queue.get(task)).await(thread, deadline);
                }
            }
        } catch (InterruptedException e) {
            interrupted = true;
        } catch (Throwable e) {
            throw new AssertionError("waitForReferenceProcessing throws nothing else", e);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Put into a cleaner's queue as if the collector had found it. When its turn comes, what was taken before it is
     * done; what is still queued, it does.
     */
    private static final class Turn extends PhantomReference<Object> implements Cleanable {
        private final ReferenceQueue<?> queue;
        private final CountDownLatch done = new CountDownLatch(1);

        @SuppressWarnings("unchecked")
        Turn(ReferenceQueue<?> queue) {
            super(new Object(), (ReferenceQueue<Object>) queue);
            this.queue = queue;
        }

        void await(Thread cleaner, long deadline) throws InterruptedException {
            enqueue();
            boolean isOver = false;
            while (!isOver && cleaner.isAlive() && System.nanoTime() < deadline) {
                isOver = done.await(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
            }
        }

        @Override
        public void clean() {
            try {
                for (Object next = queue.poll(); next != null; next = queue.poll()) {
                    clean((Cleanable) next);
                }
            } finally {
                done.countDown();
            }
        }

        /** As CleanerImpl.run. */
        private static void clean(Cleanable next) {
            try {
                next.clean();
            } catch (Throwable e) {
                return;
            }
        }
    }
}
