// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core.hotspot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.core.Foreign;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With the unstripped libjvm.so of a Temurin build. */
class LibjvmSymbolsTest {
    private static final String EXPORTED = "gHotSpotVMStructs";
    private static final String LOCAL = "_ZN14LogDecorations4_pidE";

    private final Libjvm libjvm = Libjvm.ofThisProcess();

    @TempDir
    private Path folder;

    @Test
    void addressesAreThoseOfTheRunningLibrary() throws IOException {
        LibjvmSymbols symbols = LibjvmSymbols.read(libjvm, Set.of(EXPORTED));
        assertEquals(Foreign.library(libjvm.path()).find(EXPORTED).orElseThrow().address(),
                symbols.address(EXPORTED).orElseThrow());
        assertEquals(Long.BYTES, symbols.size(EXPORTED));
    }

    @Test
    void findsALocalVariableWithItsValue() throws IOException {
        LibjvmSymbols symbols = LibjvmSymbols.read(libjvm, Set.of(LOCAL));
        assertEquals(Integer.BYTES, symbols.size(LOCAL));
        assertEquals(ProcessHandle.current().pid(), Foreign.memory(symbols.address(LOCAL).orElseThrow(), Integer.BYTES)
                .get(ValueLayout.JAVA_INT, 0));
    }

    @Test
    void aNameThatIsNotThereHasNoAddress() throws IOException {
        LibjvmSymbols symbols = LibjvmSymbols.read(libjvm, Set.of("nonsense"));
        assertEquals(OptionalLong.empty(), symbols.address("nonsense"));
        assertEquals(0, symbols.size("nonsense"));
    }

    @Test
    void aStrippedLibraryHasNoLocalSymbols() throws Exception {
        Path stripped = folder.resolve("libjvm.so");
        Process strip = new ProcessBuilder("strip", "-o", stripped.toString(), libjvm.path().toString()).start();
        assertTrue(strip.waitFor(1, TimeUnit.MINUTES));
        assertEquals(0, strip.exitValue());
        LibjvmSymbols symbols = LibjvmSymbols.read(new Libjvm(stripped, libjvm.start()), Set.of(LOCAL));
        assertEquals(OptionalLong.empty(), symbols.address(LOCAL));
    }

    @Test
    void refusesWhatIsNoElfFile() throws IOException {
        Path text = Files.writeString(folder.resolve("text"), "text ".repeat(100));
        assertThrows(IOException.class, () -> LibjvmSymbols.read(new Libjvm(text, 0), Set.of(LOCAL)));
        Path cut = Files.write(folder.resolve("cut"), Arrays.copyOf(Files.readAllBytes(libjvm.path()), 5000));
        assertThrows(IOException.class, () -> LibjvmSymbols.read(new Libjvm(cut, 0), Set.of(LOCAL)));
    }
}
