// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/** The functions of thaw.h. Every method is one downcall. */
final class ThawLibrary {
    private static final String RESOURCE = "/native/linux-x86_64/libthaw.so";
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final MemoryLayout POINTER = ValueLayout.ADDRESS;

    private final SymbolLookup symbols;
    private final MethodHandle open;
    private final MethodHandle checkpoint;
    private final MethodHandle parent;
    private final MethodHandle status;
    private final MethodHandle loadAll;
    private final MethodHandle cpuFeatures;
    private final MethodHandle pidPlaces;
    private final MethodHandle tidPlaces;
    private final MethodHandle signalSelf;

    private ThawLibrary(SymbolLookup symbols) {
        this.symbols = symbols;
        open = function("thaw_open", FunctionDescriptor.of(INT, POINTER, POINTER));
        checkpoint = function("thaw_checkpoint", FunctionDescriptor.of(INT, POINTER, POINTER));
        parent = function("thaw_parent", FunctionDescriptor.of(INT, POINTER, POINTER));
        status = function("thaw_status", FunctionDescriptor.of(INT, POINTER));
        loadAll = function("thaw_load_all", FunctionDescriptor.of(INT));
        cpuFeatures = function("thaw_cpu_features", FunctionDescriptor.of(LONG, POINTER, LONG));
        pidPlaces = function("thaw_pid_places", FunctionDescriptor.of(INT, POINTER, LONG));
        tidPlaces = function("thaw_tid_places", FunctionDescriptor.of(INT, POINTER, LONG));
        signalSelf = function("thaw_signal_self", FunctionDescriptor.of(INT, INT));
    }

    /** Loads a copy of the library in thaw.jar, which is gone from disk when this returns. */
    static ThawLibrary load() {
        Path folder = Path.of(System.getProperty("java.io.tmpdir"));
        try (InputStream library = ThawLibrary.class.getResourceAsStream(RESOURCE)) {
            if (library == null) {
                throw new CoreException("thaw.jar has no " + RESOURCE + ": it was built without its native part");
            }
            Path copy = Files.createTempFile(folder, "libthaw", ".so",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            try {
                Files.copy(library, copy, StandardCopyOption.REPLACE_EXISTING);
                return new ThawLibrary(Foreign.library(copy));
            } finally {
                Files.delete(copy);
            }
        } catch (IOException | CoreException e) {
            throw new CoreException("cannot load libthaw.so from " + folder + ": " + e.getMessage()
                    + ": choose a folder that is writable and not mounted noexec with -Djava.io.tmpdir=", e);
        }
    }

    private MethodHandle function(String name, FunctionDescriptor type) {
        return Foreign.downcall(symbol(name), type);
    }

    private MemorySegment symbol(String name) {
        return symbols.find(name).orElseThrow(() -> new CoreException("libthaw.so has no " + name));
    }

    /** {@code void thaw_before_fork(void)}, for pthread_atfork. */
    MemorySegment beforeFork() {
        return symbol("thaw_before_fork");
    }

    /** {@code void thaw_ignore(void)}, which may be called with anything. */
    MemorySegment ignore() {
        return symbol("thaw_ignore");
    }

    /** {@code void thaw_collection_started(void)}, an event of JVM TI. */
    MemorySegment collectionStarted() {
        return symbol("thaw_collection_started");
    }

    /** {@code void thaw_collection_finished(void)}, an event of JVM TI. */
    MemorySegment collectionFinished() {
        return symbol("thaw_collection_finished");
    }

    /** {@code struct thaw_identity thaw_identity}. */
    MemorySegment identity() {
        return Foreign.memory(symbol("thaw_identity").address(), Layouts.IDENTITY_BYTES);
    }

    int open(MemorySegment setup, MemorySegment result) {
        try {
            return (int) open.invokeExact(setup, result);
        } catch (Throwable e) {
            throw misbound(e);
        }
    }

    int checkpoint(MemorySegment request, MemorySegment result) {
        try {
            return (int) checkpoint.invokeExact(request, result);
        } catch (Throwable e) {
            throw misbound(e);
        }
    }

    int parent(MemorySegment request, MemorySegment fullReason) {
        try {
            return (int) parent.invokeExact(request, fullReason);
        } catch (Throwable e) {
            throw misbound(e);
        }
    }

    int status(MemorySegment result) {
        try {
            return (int) status.invokeExact(result);
        } catch (Throwable e) {
            throw misbound(e);
        }
    }

    int loadAll() {
        try {
            return (int) loadAll.invokeExact();
        } catch (Throwable e) {
            throw misbound(e);
        }
    }

    long cpuFeatures(MemorySegment buffer) {
        try {
            return (long) cpuFeatures.invokeExact(buffer, buffer.byteSize());
        } catch (Throwable e) {
            throw misbound(e);
        }
    }

    int pidPlaces(MemorySegment places, long count) {
        try {
            return (int) pidPlaces.invokeExact(places, count);
        } catch (Throwable e) {
            throw misbound(e);
        }
    }

    int tidPlaces(MemorySegment places, long count) {
        try {
            return (int) tidPlaces.invokeExact(places, count);
        } catch (Throwable e) {
            throw misbound(e);
        }
    }

    int signalSelf(int signal) {
        try {
            return (int) signalSelf.invokeExact(signal);
        } catch (Throwable e) {
            throw misbound(e);
        }
    }

    private static AssertionError misbound(Throwable e) {
        return new AssertionError("a descriptor does not match its call site", e);
    }
}
