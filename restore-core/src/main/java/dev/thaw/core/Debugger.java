// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** The JDWP agent of this JVM. Java does not list its threads; the kernel knows the first 15 bytes of their names. */
final class Debugger {
    /** "JDWP Command Reader", JDK 22-25: there while a debugger is attached. */
    private static final String READER = "JDWP Command Re";

    private Debugger() {}

    static boolean isAttached() {
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            for (Path task : tasks) {
                if (nameOf(task).equals(READER)) {
                    return true;
                }
            }
            return false;
        } catch (IOException | DirectoryIteratorException e) {
            return false;
        }
    }

    private static String nameOf(Path task) {
        try {
            return Files.readString(task.resolve("comm"), StandardCharsets.ISO_8859_1).strip();
        } catch (IOException e) {
            return ""; // it has ended
        }
    }
}
