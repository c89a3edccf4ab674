// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches;

import dev.thaw.core.JdkAccess;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * sun.net.www.http.KeepAliveCache, the idle connections of HttpURLConnection, JDK 22-25 (tested: 25). Without it each of
 * them refuses a checkpoint, for five seconds and more after a request. They are closed before one; the next request
 * makes a new connection. The cache is found by its thread, which lives while the cache holds something.
 */
final class KeepAliveCachePatch extends IdleThings {
    private static final String CACHE = "sun.net.www.http.KeepAliveCache";

    @Override
    public String name() {
        return "KeepAliveCache";
    }

    @Override
    public void beforeCheckpoint() {
        for (Thread thread : threads().all()) {
            Runnable task = threads().task(thread);
            if (task != null && task.getClass().getName().equals(CACHE)) {
                closeAll((Map<?, ?>) task);
            }
        }
    }

    private static void closeAll(Map<?, ?> cache) {
        List<Object> entries = new ArrayList<>();
        try {
            MethodHandles.Lookup lookup = JdkAccess.lookup();
            ReentrantLock lock = (ReentrantLock) lookup
                    .findVarHandle(cache.getClass(), "cacheLock", ReentrantLock.class).get(cache);
            lock.lock();
            try {
                cache.values().forEach(idle -> entries.addAll((Collection<?>) idle));
                cache.clear();
            } finally {
                lock.unlock();
            }
            for (Object entry : entries) {
                close(lookup, entry);
            }
        } catch (Throwable e) {
            throw new IllegalStateException(CACHE + " is not as in JDK 22-25: " + e
                    + "; leave its connections alone with -Dthaw.patch.KeepAliveCache=off", e);
        }
    }

    private static void close(MethodHandles.Lookup lookup, Object entry) throws Throwable {
        Class<?> client = lookup.findClass("sun.net.www.http.HttpClient");
        Object idle = lookup.findVarHandle(entry.getClass(), "hc", client).get(entry);
        lookup.findVirtual(client, "closeServer", MethodType.methodType(void.class)).invoke(idle);
    }
}
