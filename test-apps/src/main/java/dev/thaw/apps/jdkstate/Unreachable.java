// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.jdkstate;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.ref.Cleaner;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What nobody can reach any more, but nobody has closed, does not hinder a full checkpoint.
 *
 * <p>Commands: {@code file PATH}, {@code socket PORT}; {@code cleaner PATH SECONDS}: a cleaner of the application's closes
 * the file, and takes its time; {@code linked PATH}: the action of one cleans another, which closes the file.
 */
public final class Unreachable {
    private static final Cleaner CLEANER = Cleaner.create();

    private Unreachable() {}

    public static void main(String[] args) throws IOException {
        Console.run(words -> {
            switch (words[0]) {
                case "file" -> new FileOutputStream(words[1]).write('x');
                case "socket" -> new Socket("localhost", Integer.parseInt(words[1])).getOutputStream().write('x');
                case "cleaner" -> register(new FileOutputStream(words[1]), Long.parseLong(words[2]));
                case "linked" -> link(new FileOutputStream(words[1]));
                default -> throw new IllegalArgumentException(words[0]);
            }
            return "left open";
        });
    }

    private static void register(OutputStream stream, long seconds) {
        CLEANER.register(new Object(), () -> {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
            while (System.nanoTime() < end) {
                LockSupport.parkNanos(end - System.nanoTime());
            }
            close(stream);
        });
    }

    private static void link(OutputStream stream) {
        Object one = new Object();
        Cleaner.Cleanable other = CLEANER.register(one, () -> close(stream));
        CLEANER.register(one, other::clean);
    }

    private static void close(OutputStream stream) {
        try {
            stream.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
