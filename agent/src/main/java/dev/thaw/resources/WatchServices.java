// SPDX-License-Identifier: Apache-2.0
package dev.thaw.resources;

import dev.thaw.core.CoreException;
import dev.thaw.core.JdkAccess;
import dev.thaw.core.WatchPath;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;
import java.nio.file.WatchKey;
import java.nio.file.Watchable;
import java.util.ArrayList;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.Map;

/**
 * What the JDK's watch services watch. Each has a thread, whose task knows its inotify descriptor and its keys
 * (sun.nio.fs.AbstractPoller, LinuxWatchService.Poller; JDK 22-25, tested: 25): to look at the threads takes no
 * patch and no walk of the heap.
 */
final class WatchServices {
    private static final String SWITCH = "thaw.patch.LinuxWatchService";
    private static final String THREAD = "FileSystemWatchService";
    private static final int ATTEMPTS = 100;
    private static final int ROOM = 16;

    private WatchServices() {}

    /** Empty where there is none, where this JDK is another, or where it is switched off. */
    static List<WatchPath> paths() {
        List<WatchPath> paths = new ArrayList<>();
        if ("off".equals(System.getProperty(SWITCH))) {
            return paths;
        }
        try {
            for (Thread thread : threads()) {
                if (thread != null && thread.getName().equals(THREAD)) {
                    addWatched(thread, paths);
                }
            }
        } catch (ReflectiveOperationException | CoreException e) {
            // the engine refuses an inotify that it knows no paths of
        }
        return paths;
    }

    /** With gaps at its end. */
    private static Thread[] threads() {
        ThreadGroup group = Thread.currentThread().getThreadGroup();
        while (group.getParent() != null) {
            group = group.getParent();
        }
        Thread[] threads = new Thread[group.activeCount() + ROOM];
        while (group.enumerate(threads) == threads.length) {
            threads = new Thread[2 * threads.length];
        }
        return threads;
    }

    private static void addWatched(Thread thread, List<WatchPath> paths) throws ReflectiveOperationException {
        MethodHandles.Lookup lookup = JdkAccess.lookup();
        Class<?> holderType = lookup.findClass("java.lang.Thread$FieldHolder");
        Object holder = lookup.findVarHandle(Thread.class, "holder", holderType).get(thread);
        Object task = holder == null ? null : lookup.findVarHandle(holderType, "task", Runnable.class).get(holder);
        Class<?> poller = lookup.findClass("sun.nio.fs.LinuxWatchService$Poller");
        if (!poller.isInstance(task)) {
            return;
        }
        int fd = (int) lookup.findVarHandle(poller, "ifd", int.class).get(task);
        VarHandle keys = lookup.findVarHandle(poller, "wdToKey", Map.class);
        for (Map.Entry<?, ?> watch : copy((Map<?, ?>) keys.get(task))) {
            Watchable watched = ((WatchKey) watch.getValue()).watchable();
            paths.add(new WatchPath(fd, (Integer) watch.getKey(), ((Path) watched).toAbsolutePath().toString()));
        }
    }

    /** Only its own thread changes it, without a lock; what is added too late the engine refuses. */
    private static List<Map.Entry<?, ?>> copy(Map<?, ?> map) {
        for (int i = 0; i < ATTEMPTS; i++) {
            try {
                return new ArrayList<>(map.entrySet());
            } catch (ConcurrentModificationException e) {
                Thread.onSpinWait();
            }
        }
        return List.of();
    }
}
