// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.jdkstate;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;

/**
 * Entries of jars by {@code jar:} URLs, whose jars the JDK keeps open, are read before and after.
 *
 * <p>Command: {@code read URL}.
 */
public final class JarUrls {
    private JarUrls() {}

    public static void main(String[] args) throws IOException {
        Console.run(words -> {
            try (InputStream in = URI.create(words[1]).toURL().openStream()) {
                return "read " + new String(in.readAllBytes());
            }
        });
    }
}
