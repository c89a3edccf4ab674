// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import dev.thaw.core.JdkAccess;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * jdk.internal.net.http.HttpClientImpl, the idle connections of java.net.http.HttpClient, JDK 22-25 (tested: 25). Without
 * it each of them refuses a checkpoint, for 30 s after a request. Those of HTTP/1.1 in the ConnectionPool and those of
 * HTTP/2 without a stream are closed before one; the next request makes a new connection. A client is found by its thread.
 */
final class HttpClientImplPatch extends IdleThings {
    private static final String PACKAGE = "jdk.internal.net.http.";
    private static final String THREAD = PACKAGE + "HttpClientImpl$SelectorManager";
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long LOOK_AGAIN_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

    @Override
    public String name() {
        return "HttpClientImpl";
    }

    @Override
    public void beforeCheckpoint() {
        for (Thread thread : threads().all()) {
            if (thread.getClass().getName().equals(THREAD)) {
                closeIdle(thread);
            }
        }
    }

    private static void closeIdle(Thread selectorManager) {
        try {
            Fields fields = new Fields(selectorManager.getClass());
            Object client = fields.of(selectorManager, "owner", "HttpClientImpl");
            closeFirstVersion(fields, fields.of(client, "connections", "ConnectionPool"));
            closeSecondVersion(fields, fields.of(client, "client2", "Http2ClientImpl"));
            awaitClosed((Selector) fields.of(selectorManager, "selector", Selector.class));
        } catch (Throwable e) {
            throw new IllegalStateException(PACKAGE + "HttpClientImpl is not as in JDK 22-25: " + e
                    + "; leave its connections alone with -Dthaw.patch.HttpClientImpl=off", e);
        }
    }

    /** What the pool does with connections whose time is over, at the end of all time. */
    private static void closeFirstVersion(Fields fields, Object pool) throws Throwable {
        Class<?> deadline = fields.type("common.Deadline");
        Object end = fields.lookup.findStaticVarHandle(deadline, "MAX", deadline).get();
        fields.lookup.findVirtual(pool.getClass(), "purgeExpiredConnectionsAndReturnNextDeadline",
                MethodType.methodType(long.class, deadline)).invoke(pool, end);
    }

    private static void closeSecondVersion(Fields fields, Object client) throws Throwable {
        Map<?, ?> connections = (Map<?, ?>) fields.of(client, "connections", Map.class);
        for (Object connection : new ArrayList<>(connections.values())) {
            closeIfIdle(fields, connection);
        }
    }

    /** As after its idle time; from the mark on, nobody gets it from the pool. */
    private static void closeIfIdle(Fields fields, Object connection) throws Throwable {
        Class<?> type = connection.getClass();
        ReentrantLock lock = (ReentrantLock) fields.of(connection, "stateLock", ReentrantLock.class);
        lock.lock();
        try {
            boolean isActive = (int) fields.of(connection, "numReservedClientStreams", int.class) > 0
                    || (int) fields.of(connection, "numReservedServerStreams", int.class) > 0;
            if (isActive || !(boolean) fields.lookup.findVirtual(type, "markIdleShutdownInitiated",
                    MethodType.methodType(boolean.class)).invoke(connection)) {
                return;
            }
        } finally {
            lock.unlock();
        }
        fields.lookup.findVirtual(type, "shutdown", MethodType.methodType(void.class, Throwable.class))
                .invoke(connection, new java.io.EOFException("closed before a checkpoint"));
    }

    /** A channel's descriptor is closed by the selector that it was registered with. */
    private static void awaitClosed(Selector selector) {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (selector.isOpen() && holdsClosedChannel(selector) && System.nanoTime() < deadline) {
            selector.wakeup();
            LockSupport.parkNanos(LOOK_AGAIN_NANOS);
        }
    }

    private static boolean holdsClosedChannel(Selector selector) {
        List<SelectionKey> keys = new ArrayList<>(selector.keys());
        return keys.stream().anyMatch(key -> !key.channel().isOpen());
    }

    /** Of classes that are loaded, since an object of one is there. */
    private record Fields(MethodHandles.Lookup lookup, ClassLoader loader) {
        Fields(Class<?> one) {
            this(JdkAccess.lookup(), one.getClassLoader());
        }

        Class<?> type(String name) throws ClassNotFoundException {
            return Class.forName(PACKAGE + name, false, loader);
        }

        Object of(Object object, String field, String type) throws ReflectiveOperationException {
            return of(object, field, type(type));
        }

        Object of(Object object, String field, Class<?> type) throws ReflectiveOperationException {
            VarHandle handle = lookup.findVarHandle(object.getClass(), field, type);
            return handle.get(object);
        }
    }
}
