// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Compares layouts in Java with the header they are taken from, as gcc lays it out. */
public final class COffsets {
    private static final Path SOURCES = Path.of("src/main/c").toAbsolutePath();
    private static final long TIMEOUT_SECONDS = 60;

    private COffsets() {}

    /** Every member of every struct, and the sizes. */
    public static void assertSame(String header, Collection<CStruct> structs, Path folder) throws Exception {
        List<String> statements = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        for (CStruct struct : structs) {
            statements.add("printf(\"%s %%zu\\n\", sizeof(struct %s));".formatted(struct.name(), struct.name()));
            expected.add(struct.name() + " " + struct.size());
            for (String field : struct.fields()) {
                statements.add("printf(\"%s.%s %%zu\\n\", offsetof(struct %s, %s));"
                        .formatted(struct.name(), field, struct.name(), field));
                expected.add(struct.name() + "." + field + " " + struct.offset(field));
            }
        }
        assertEquals(String.join("\n", expected), run(header, statements, folder));
    }

    /** Values of C expressions, one a line. */
    public static String values(String header, List<String> expressions, Path folder) throws Exception {
        return run(header, expressions.stream()
                .map(each -> "printf(\"%s %%llu\\n\", (unsigned long long)(%s));".formatted(each, each))
                .toList(), folder);
    }

    private static String run(String header, List<String> statements, Path folder) throws Exception {
        Path source = Files.writeString(folder.resolve("offsets.c"), """
                #include <stddef.h>
                #include <stdio.h>
                #include "%s"
                int main(void)
                {
                %s
                	return 0;
                }
                """.formatted(header, String.join("\n", statements)));
        Path program = folder.resolve("offsets");
        execute("gcc", "-std=gnu11", "-iquote", SOURCES.toString(), "-o", program.toString(), source.toString());
        return execute(program.toString()).strip();
    }

    private static String execute(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException(String.join(" ", command) + " failed: " + output);
        }
        return output;
    }
}
