// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.harness;

import dev.thaw.apps.drive.Artefacts;
import dev.thaw.apps.drive.Completed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Small C sources of src/test/c, compiled when a test needs them. */
public final class CProgram {
    private static final Path MODULE = Artefacts.TEST_APPS.getParent().getParent();

    private CProgram() {}

    public static Path library(String name) {
        return compile(name, name + ".so", "-shared", "-fPIC");
    }

    /** One with jni.h. */
    public static Path jniLibrary(String name) {
        Path include = Artefacts.JAVA_HOME.resolve("include");
        return compile(name, name + ".so", "-shared", "-fPIC", "-pthread", "-I" + include,
                "-I" + include.resolve("linux"));
    }

    public static Path executable(String name) {
        return compile(name, name);
    }

    /** The folder with the engine's headers. */
    static Path engineSources() {
        return Artefacts.THAW.getParent().getParent().resolve("src/main/c");
    }

    private static Path compile(String source, String result, String... options) {
        try {
            Path output = Files.createDirectories(MODULE.resolve("target/test-native")).resolve(result);
            List<String> command = new ArrayList<>(List.of("gcc", "-O2", "-Wall", "-Wextra", "-Werror"));
            command.addAll(List.of(options));
            command.addAll(List.of("-iquote", engineSources().toString(), "-o", output.toString()));
            command.add(MODULE.resolve("src/test/c/" + source + ".c").toString());
            Completed gcc = Completed.run(command);
            if (gcc.status() != 0) {
                throw new IllegalStateException(String.join(" ", command) + ":\n" + gcc.output());
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
