// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/** Paths and names as the kernel has them. */
final class NativeText {
    /** The one that java.nio.file uses for paths. */
    static final Charset CHARSET = Charset.forName(System.getProperty("sun.jnu.encoding"), StandardCharsets.UTF_8);

    private NativeText() {}

    static byte[] bytes(Object text) {
        return text.toString().getBytes(CHARSET);
    }
}
