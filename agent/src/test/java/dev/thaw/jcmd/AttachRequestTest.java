// SPDX-License-Identifier: Apache-2.0
package dev.thaw.jcmd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The wire format of attachListener_posix.cpp; ~ stands for NUL. */
class AttachRequestTest {
    @Test
    void readsVersion1() throws IOException {
        assertEquals(new AttachRequest("jcmd", List.of("Thread.print -l", "", "")),
                read("1~jcmd~Thread.print -l~~~"));
    }

    @Test
    void readsVersion2AndDropsTheOptionsOfTheTransfer() throws IOException {
        assertEquals(new AttachRequest("jcmd", List.of("help")), read("2~22~jcmd streaming=1~help~"));
        assertEquals(new AttachRequest("threaddump", List.of()), read("2~11~threaddump~"));
        assertEquals(new AttachRequest("dumpheap", List.of("/f", "-live", "", "4")),
                read("2~21~dumpheap~/f~-live~~4~"));
    }

    @Test
    void knowsAnEmptyProbe() throws IOException {
        assertNull(read(""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"3~jcmd~~~~", "~", "GET / HTTP/1.1\r\n~"})
    void refusesOtherVersions(String request) {
        IOException e = assertThrows(IOException.class, () -> read(request));
        boolean tooLong = request.length() > 10 && !(e instanceof AttachRequest.BadVersionException);
        assertEquals(tooLong || e instanceof AttachRequest.BadVersionException, true, e.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "1~jcmd~help~~", "2~30~jcmd~help~", "2~9~jcmd~help", "2~9~jcmd~helpx"})
    void refusesWhatEndsTooSoon(String request) {
        assertThrows(EOFException.class, () -> read(request));
    }

    @ParameterizedTest
    @ValueSource(strings = {"2~0~", "2~-1~", "2~262145~", "2~x~", "2~99999999999~"})
    void refusesASizeThatIsNone(String request) {
        assertThrows(IOException.class, () -> read(request));
    }

    @Test
    void refusesATextThatNeverEnds() {
        assertThrows(IOException.class, () -> read("1~" + "x".repeat(100_000)));
    }

    @Test
    void passesOnWithoutStreaming() {
        AttachRequest request = new AttachRequest("jcmd", List.of("Thread.print", "", ""));
        assertArrayEquals(bytes("2~32~jcmd streaming=0~Thread.print~~~"), request.encode(25));
        assertArrayEquals(bytes("1~jcmd~Thread.print~~~"), request.encode(23));
        assertArrayEquals(bytes("1~properties~~~~"), new AttachRequest("properties", List.of()).encode(22));
    }

    @Test
    void whatItEncodesItReads() throws IOException {
        AttachRequest request = new AttachRequest("setflag", List.of("MinHeapFreeRatio", "30", "", ""));
        assertEquals(request, AttachRequest.read(new ByteArrayInputStream(request.encode(25))));
    }

    @Test
    void keepsForeignBytes() throws IOException {
        byte[] wire = bytes("1~jcmd~GC.heap_dump /tmp/\u00c3\u00a9.hprof~~~");
        assertArrayEquals(wire, AttachRequest.read(new ByteArrayInputStream(wire)).encode(23));
    }


    private static AttachRequest read(String request) throws IOException {
        return AttachRequest.read(new ByteArrayInputStream(bytes(request)));
    }

    private static byte[] bytes(String request) {
        return request.replace('~', '\0').getBytes(StandardCharsets.ISO_8859_1);
    }
}
