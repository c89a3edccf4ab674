// SPDX-License-Identifier: Apache-2.0
package dev.thaw.agent;

import java.io.BufferedReader;
import java.io.FileReader;
import java.io.IOException;

/** The other libc: its loader may be installed beside glibc. */
final class Musl {
    private Musl() {}

    static boolean isInThisProcess() {
        try (BufferedReader maps = new BufferedReader(new FileReader("/proc/self/maps"))) {
            for (String line = maps.readLine(); line != null; line = maps.readLine()) {
                if (line.contains("/ld-musl-")) {
                    return true;
                }
            }
        } catch (IOException e) {
            return false; // the first checkpoint will say what it misses
        }
        return false;
    }
}
