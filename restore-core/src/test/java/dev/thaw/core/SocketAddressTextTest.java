// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class SocketAddressTextTest {
    @Test
    void writesIpv4() {
        assertEquals("127.0.0.1:8080", text("0200 1f90 7f000001", 16));
        assertEquals("255.255.255.255:65535", text("0200 ffff ffffffff", 16));
    }

    @Test
    void writesIpv4InIpv6AsIpv4() {
        assertEquals("127.0.0.1:8080", text("0a00 1f90 00000000 00000000000000000000ffff7f000001", 28));
    }

    @Test
    void writesIpv6WithTheLongestRunOfZerosLeftOut() {
        assertEquals("[::1]:80", text("0a00 0050 00000000 00000000000000000000000000000001", 28));
        assertEquals("[::]:80", text("0a00 0050 00000000 00000000000000000000000000000000", 28));
        assertEquals("[2001:db8::1:0:0:1]:443", text("0a00 01bb 00000000 20010db8000000000001000000000001", 28));
        assertEquals("[fe80::]:1", text("0a00 0001 00000000 fe800000000000000000000000000000", 28));
        assertEquals("[1:0:2:3:4:5:6:7]:1", text("0a00 0001 00000000 00010000000200030004000500060007", 28));
    }

    @Test
    void writesUnixPathsAndAbstractNames() {
        assertEquals("/tmp/x", text("0100" + hex("/tmp/x") + "00", 9));
        assertEquals("/tmp/x", text("0100" + hex("/tmp/x"), 8));
        assertEquals("@name", text("010000" + hex("name"), 7));
        assertEquals("", text("0100", 2));
    }

    @Test
    void writesNothingForNothing() {
        assertEquals("", text("", 0));
        assertEquals("", text("0000 1f90 7f000001", 16));
    }

    @Test
    void namesAnUnknownFamily() {
        assertEquals("address of family 16", text("1000", 12));
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String text(String hex, int bytes) {
        ByteBuffer address = ByteBuffer.allocate(128).order(ByteOrder.LITTLE_ENDIAN);
        address.put(0, HexFormat.of().parseHex(hex.replace(" ", "")));
        return SocketAddressText.of(address, bytes);
    }
}
