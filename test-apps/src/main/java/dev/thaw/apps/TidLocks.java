// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongUnaryOperator;

/**
 * Keeps a lock busy that knows its owner by his tid: the dynamic linker's, by loading and unloading libraries, or HotSpot's
 * tty_lock, by code that is new to the compilers, which print it. For each line on stdin prints "went on" once both have.
 */
public final class TidLocks {
    private static final int ROUNDS = 10;
    private static final int CALLS = 2_000;
    private static final AtomicLong LIBRARIES = new AtomicLong();
    private static final AtomicLong CLASSES = new AtomicLong();

    private TidLocks() {}

    /** What the compilers have not seen: defined again and again. */
    static final class New implements LongUnaryOperator {
        @Override
        public long applyAsLong(long value) {
            return value * 3 + 1;
        }
    }

    /** The name of a library to load, one that this JVM does not use. */
    public static void main(String[] args) throws IOException {
        Path library = Path.of(System.getProperty("java.home"), "lib", System.mapLibraryName(args[0]));
        Files.size(library);
        Thread.ofPlatform().daemon().start(() -> load(library));
        Thread.ofPlatform().daemon().start(TidLocks::define);
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        while (commands.readLine() != null) {
            await(LIBRARIES);
            await(CLASSES);
            System.out.println("went on");
        }
    }

    private static void await(AtomicLong counter) {
        long enough = counter.get() + ROUNDS;
        while (counter.get() < enough) {
            Thread.onSpinWait();
        }
    }

    @SuppressWarnings("restricted")
    private static void load(Path library) {
        while (true) {
            try (Arena arena = Arena.ofConfined()) {
                SymbolLookup.libraryLookup(library, arena);
            }
            LIBRARIES.incrementAndGet();
        }
    }

    private static void define() {
        try (InputStream file = TidLocks.class.getResourceAsStream("TidLocks$New.class")) {
            byte[] code = file.readAllBytes();
            while (true) {
                call((LongUnaryOperator) MethodHandles.lookup().defineHiddenClass(code, true).lookupClass()
                        .getDeclaredConstructor().newInstance());
                CLASSES.incrementAndGet();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void call(LongUnaryOperator operator) {
        long value = 0;
        for (int i = 0; i < CALLS; i++) {
            value = operator.applyAsLong(value);
        }
    }
}
