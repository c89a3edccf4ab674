// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.time;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;

/**
 * Tells its clocks: {@code ask} on stdin answers {@code nano N start S agree B}, S being what the JDK takes for the
 * start of this process in ms of wall time, and B whether the system call and the vdso have the same clock.
 */
public final class Clocks {
    private Clocks() {}

    public static void main(String[] args) throws IOException {
        tell();
        System.out.println("ready");
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            tell();
        }
    }

    private static void tell() {
        long before = System.nanoTime();
        long kernel = NativeTime.monotonicOfKernel();
        long nano = System.nanoTime();
        long start = ProcessHandle.current().info().startInstant().orElseThrow().toEpochMilli();
        System.out.println("nano " + nano + " start " + start + " agree " + (before <= kernel && kernel <= nano));
    }
}
