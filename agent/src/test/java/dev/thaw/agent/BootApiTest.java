// SPDX-License-Identifier: Apache-2.0
package dev.thaw.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BootApiTest {
    private static final Path COMPILED = Path.of("target", "boot-classes", "jdk", "crac");

    @Test
    void namesEveryClassOfTheApi() throws IOException {
        Set<String> compiled;
        try (Stream<Path> files = Files.walk(COMPILED)) {
            compiled = files.filter(Files::isRegularFile).map(file -> COMPILED.relativize(file).toString())
                    .map(name -> name.replaceFirst("\\.class$", "")).collect(Collectors.toCollection(TreeSet::new));
        }
        assertEquals(compiled, new TreeSet<>(List.of(BootApi.CLASSES)));
    }

    @Test
    void namesEachClassAfterItsSupertypes() throws ClassNotFoundException {
        Set<Class<?>> seen = Stream.<Class<?>>of().collect(Collectors.toSet());
        for (String name : BootApi.CLASSES) {
            Class<?> type = Class.forName("jdk.crac." + name.replace('/', '.'), false, null);
            Stream.concat(Stream.ofNullable(type.getSuperclass()), Stream.of(type.getInterfaces()))
                    .filter(parent -> parent.getName().startsWith("jdk.crac."))
                    .forEach(parent -> assertTrue(seen.contains(parent), parent + " comes after " + type));
            seen.add(type);
        }
    }
}
