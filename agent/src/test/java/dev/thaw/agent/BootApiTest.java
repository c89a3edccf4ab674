// SPDX-License-Identifier: Apache-2.0
package dev.thaw.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BootApiTest {
    private static final Path COMPILED = Path.of("target", "boot-classes");

    @Test
    void namesEveryClassOfTheApi() throws IOException {
        Set<String> compiled;
        try (Stream<Path> files = Files.walk(COMPILED)) {
            compiled = files.filter(Files::isRegularFile).map(file -> COMPILED.relativize(file).toString())
                    .map(name -> name.replaceFirst("\\.class$", "")).collect(Collectors.toCollection(TreeSet::new));
        }
        Set<String> named = new TreeSet<>(definedInOrder());
        Stream.of(Management.classes()).map("jdk/crac/"::concat).forEach(named::add);
        assertEquals(compiled, named);
    }

    @Test
    void namesEachClassAfterItsSupertypes() throws ClassNotFoundException {
        Set<Class<?>> seen = new HashSet<>();
        for (String name : definedInOrder()) {
            Class<?> type = Class.forName(name.replace('/', '.'), false, null);
            Stream.concat(Stream.ofNullable(type.getSuperclass()), Stream.of(type.getInterfaces()))
                    .filter(parent -> parent.getName().contains(".crac."))
                    .forEach(parent -> assertTrue(seen.contains(parent), parent + " comes after " + type));
            seen.add(type);
        }
    }

    private static List<String> definedInOrder() {
        List<String> names = new ArrayList<>();
        for (String name : BootApi.CLASSES) {
            names.add("jdk/crac/" + name);
        }
        for (String name : BootApi.TWIN_CLASSES) {
            names.add("javax/crac/" + name);
        }
        return names;
    }
}
