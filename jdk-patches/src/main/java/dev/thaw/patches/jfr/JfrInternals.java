// SPDX-License-Identifier: Apache-2.0
package dev.thaw.patches.jfr;

import dev.thaw.core.JdkAccess;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.time.Instant;

/** The members of jdk.jfr's own classes that a checkpoint needs, JDK 24-25 (tested: 25). All are found at once. */
final class JfrInternals {
    private static final MethodHandles.Lookup LOOKUP = JdkAccess.lookup();

    /** The monitor of all recordings: jdk.jfr.internal.PlatformRecorder. */
    final Object recorder;
    final VarHandle currentChunk;
    final MethodHandle recordings;
    final MethodHandle rotateDisk;
    final MethodHandle finishChunk;

    final MethodHandle chunkEnd;
    final MethodHandle setOutput;
    final MethodHandle chunkFile;
    final MethodHandle useChunk;

    final Object repository;
    final VarHandle repositoryFolder;
    final VarHandle cleanupFolders;
    final MethodHandle preserveRepository;

    final MethodHandle state;
    final MethodHandle isToDisk;
    final MethodHandle dumpsOnExit;
    final MethodHandle makeDumpPath;
    final MethodHandle dumpTo;
    final MethodHandle duration;
    final MethodHandle updateTimer;
    final VarHandle destination;
    final VarHandle chunks;
    final VarHandle size;
    final VarHandle stopTask;
    final VarHandle startTime;
    final VarHandle stopTime;

    final MethodHandle newWriteablePath;
    final MethodHandle writeableFile;

    /** JFR must be in use already: it is initialized here otherwise. */
    JfrInternals() throws ReflectiveOperationException {
        Class<?> flightRecorder = LOOKUP.findClass("jdk.jfr.FlightRecorder");
        Class<?> recorderType = internal("PlatformRecorder");
        Class<?> recording = internal("PlatformRecording");
        Class<?> chunk = internal("RepositoryChunk");
        Class<?> path = internal("WriteablePath");
        Class<?> repositoryType = internal("Repository");
        Object instance = LOOKUP.findStaticVarHandle(flightRecorder, "platformRecorder", flightRecorder).get();
        recorder = LOOKUP.findVarHandle(flightRecorder, "internal", recorderType).get(instance);
        currentChunk = LOOKUP.findVarHandle(recorderType, "currentChunk", chunk);
        recordings = method(recorderType, "getRecordings").bindTo(recorder);
        rotateDisk = method(recorderType, "rotateDisk").bindTo(recorder);
        finishChunk = method(recorderType, "finishChunk", chunk, Instant.class, recording).bindTo(recorder);
        chunkEnd = method(internal("periodic.PeriodicEvents"), "doChunkEnd");
        setOutput = method(internal("MetadataRepository"), "setOutput", String.class)
                .bindTo(singleton("MetadataRepository", "getInstance"));
        chunkFile = method(chunk, "getFile");
        useChunk = method(chunk, "use");
        repository = singleton("Repository", "getRepository");
        repositoryFolder = LOOKUP.findVarHandle(repositoryType, "repository", Path.class);
        cleanupFolders = field(repositoryType, "cleanupDirectories");
        preserveRepository = method(internal("Options"), "getPreserveRepository");
        state = method(recording, "getState");
        isToDisk = method(recording, "isToDisk");
        dumpsOnExit = method(recording, "getDumpOnExit");
        makeDumpPath = method(recording, "makeDumpPath");
        dumpTo = method(recording, "transferChunksWithRetry", path);
        duration = method(recording, "getDuration");
        updateTimer = method(recording, "updateTimer");
        destination = LOOKUP.findVarHandle(recording, "destination", path);
        chunks = field(recording, "chunks");
        size = LOOKUP.findVarHandle(recording, "size", long.class);
        stopTask = field(recording, "stopTask");
        startTime = LOOKUP.findVarHandle(recording, "startTime", Instant.class);
        stopTime = LOOKUP.findVarHandle(recording, "stopTime", Instant.class);
        newWriteablePath = LOOKUP.findConstructor(path, MethodType.methodType(void.class, Path.class));
        writeableFile = method(path, "getReal");
    }

    private static Class<?> internal(String name) throws ReflectiveOperationException {
        return LOOKUP.findClass("jdk.jfr.internal.".concat(name));
    }

    /** Of whatever type. */
    static VarHandle field(Class<?> type, String name) throws ReflectiveOperationException {
        return LOOKUP.unreflectVarHandle(type.getDeclaredField(name));
    }

    private static MethodHandle method(Class<?> type, String name, Class<?>... parameters)
            throws ReflectiveOperationException {
        Method method = type.getDeclaredMethod(name, parameters);
        return LOOKUP.unreflect(method);
    }

    private static Object singleton(String type, String method) throws ReflectiveOperationException {
        return call(method(internal(type), method));
    }

    /** What jdk.jfr throws by itself goes through, an IOException as the cause of an unchecked one. */
    static Object call(MethodHandle method, Object... arguments) {
        try {
            return method.invokeWithArguments(arguments);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e.toString(), e);
        }
    }
}
