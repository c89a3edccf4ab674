// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Runs each program built from src/test/c: exit status 0 is a pass, 77 a skip, everything else a failure. */
class NativeUnitTest {
    private static final int PASSED = 0;
    private static final int SKIPPED = 77;
    private static final long TIMEOUT_SECONDS = 300;

    @TempDir
    Path workDirectory;

    @TestFactory
    List<DynamicTest> nativePrograms() throws IOException {
        Path programs = Path.of(System.getProperty("thaw.native.tests"));
        assertTrue(Files.isDirectory(programs), programs + " is missing: run make tests in src/main/c");
        try (Stream<Path> files = Files.list(programs)) {
            return files.filter(Files::isExecutable).sorted()
                    .map(program -> DynamicTest.dynamicTest(program.getFileName().toString(), () -> run(program)))
                    .toList();
        }
    }

    private void run(Path program) throws IOException, InterruptedException {
        String name = program.getFileName().toString();
        Path directory = Files.createDirectory(workDirectory.resolve(name));
        Path log = workDirectory.resolve(name + ".log");
        Process process = new ProcessBuilder(program.toString())
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        process.getOutputStream().close();
        if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
            fail("%s did not end within %d s, its output:%n%s".formatted(name, TIMEOUT_SECONDS, read(log)));
        }
        String output = read(log);
        if (process.exitValue() == SKIPPED) {
            System.out.println("SKIPPED " + name + ": " + output);
            Assumptions.abort(name + " was skipped: " + output);
        }
        assertEquals(PASSED, process.exitValue(), () -> "exit status of " + name + ", its output:\n" + output);
    }

    private static String read(Path log) throws IOException {
        return new String(Files.readAllBytes(log), StandardCharsets.UTF_8).strip();
    }
}
