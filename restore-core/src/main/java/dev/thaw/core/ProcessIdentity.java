// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/** Which process this is: asked by code that runs before anything of ours can run after a restore. */
public sealed interface ProcessIdentity {
    byte[] NONE = {};

    /** Right from the first instruction of a restored process on. */
    long pid();

    /** How many restores led to this process. */
    long restores();

    /** Where a number lies that is another in each restored process, and 0 before the first restore; for ever there. */
    long saltAddress();

    /** The number that lies there now. */
    long salt();

    /** System.nanoTime() when the restore began; in a process that was not restored, without meaning. */
    long startNanos();

    /** What followed DIR on the command line of {@code thaw restore}, a NUL behind each; empty in a process that was not restored. */
    byte[] arguments();

    /** NAME=value of {@code thaw restore}, a NUL behind each; null: not known, or not a restored process. */
    byte[] environment();

    /** Every call of a MethodHandle or VarHandle is linked when it is made first. */
    default void warmUp() {
        pid();
        restores();
        salt();
        startNanos();
        arguments();
        environment();
    }

    /** To be called in a restored process. */
    void restored();

    /** To be called when all callbacks of a restore have returned. */
    void recovered();

    /** Asks the kernel for the pid; counts the restores it is told of. */
    static ProcessIdentity ofKernel() {
        return new OfKernel(new AtomicLong(), Arena.global().allocate(ValueLayout.JAVA_LONG));
    }

    /** {@code struct thaw_identity}, which the engine writes before the first thread of a restored process runs. */
    static ProcessIdentity ofEngine(MemorySegment identity) {
        return new OfEngine(identity);
    }

    record OfKernel(AtomicLong count, MemorySegment salted) implements ProcessIdentity {
        private static final MethodHandle GETPID = find();

        private static MethodHandle find() {
            MethodHandles.Lookup lookup = JdkAccess.lookup();
            try {
                return lookup.findStatic(lookup.findClass("java.lang.ProcessHandleImpl"), "getCurrentPid0",
                        MethodType.methodType(long.class));
            } catch (ReflectiveOperationException e) {
                throw new CoreException("java.lang.ProcessHandleImpl is not as in JDK 22-25: " + e, e);
            }
        }

        @Override
        public long pid() {
            try {
                return (long) GETPID.invokeExact();
            } catch (Throwable e) {
                throw new AssertionError("getCurrentPid0 throws nothing", e);
            }
        }

        @Override
        public long restores() {
            return count.get();
        }

        @Override
        public long saltAddress() {
            return salted.address();
        }

        @Override
        public long salt() {
            return salted.get(ValueLayout.JAVA_LONG, 0);
        }

        @Override
        public long startNanos() {
            return System.nanoTime();
        }

        @Override
        public byte[] arguments() {
            return NONE;
        }

        @Override
        public byte[] environment() {
            return null;
        }

        @Override
        public void restored() {
            salted.set(ValueLayout.JAVA_LONG, 0, new SplittableRandom(System.nanoTime() ^ pid()).nextLong());
            count.incrementAndGet();
        }

        @Override
        public void recovered() {
            // nobody waits for it
        }
    }

    record OfEngine(MemorySegment memory) implements ProcessIdentity {
        private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

        /** The one call of the VarHandle, so that {@link #warmUp} has linked it for all. */
        private long read(long field) {
            return (long) LONG.getVolatile(memory, field);
        }

        @Override
        public long pid() {
            return read(Layouts.IDENTITY_PID);
        }

        @Override
        public long restores() {
            return read(Layouts.IDENTITY_RESTORES);
        }

        @Override
        public long saltAddress() {
            return memory.address() + Layouts.IDENTITY_SALT;
        }

        @Override
        public long salt() {
            return read(Layouts.IDENTITY_SALT);
        }

        @Override
        public long startNanos() {
            return read(Layouts.IDENTITY_START_NS);
        }

        @Override
        public byte[] arguments() {
            return read(Layouts.IDENTITY_ARGUMENTS + Long.BYTES) == 0 ? NONE : bytes(Layouts.IDENTITY_ARGUMENTS);
        }

        @Override
        public byte[] environment() {
            return read(Layouts.IDENTITY_ENVIRONMENT) == 0 ? null : bytes(Layouts.IDENTITY_ENVIRONMENT);
        }

        /** @param field the address; behind it the length */
        private byte[] bytes(long field) {
            return Foreign.bytes(read(field), (int) read(field + Long.BYTES));
        }

        @Override
        public void restored() {
            // the engine has counted it
        }

        @Override
        public void recovered() {
            LONG.setVolatile(memory, Layouts.IDENTITY_RECOVERED, 1L);
        }
    }
}
