// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.scenario;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.LinkedHashMap;
import java.util.Map;

/** Arms all scenarios at {@code arm} on stdin, and at {@code check} tells of each whether it went well. */
final class Scenarios {
    private static final long DEADLINE_MS = 30_000;

    private final Map<String, Scenario> all = new LinkedHashMap<>();

    void add(String name, Scenario scenario) {
        all.put(name, scenario);
    }

    void obey() throws IOException {
        System.out.println("ready");
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            for (Map.Entry<String, Scenario> scenario : all.entrySet()) {
                tell(line, scenario.getKey(), scenario.getValue());
            }
            System.out.println("done " + line);
        }
        System.exit(0);
    }

    private static void tell(String command, String name, Scenario scenario) {
        try {
            if (command.equals("arm")) {
                scenario.arm();
            } else {
                scenario.check();
                System.out.println("passed " + name);
            }
        } catch (Exception | AssertionError e) {
            System.out.println("failed " + name + " " + command + ": " + e);
            e.printStackTrace(System.out);
        }
    }

    static void expect(Object expected, Object actual) {
        if (!expected.equals(actual)) {
            throw new AssertionError("expected " + expected + ", but was " + actual);
        }
    }

    static void end(Thread... threads) throws InterruptedException {
        for (Thread thread : threads) {
            thread.join(DEADLINE_MS);
            if (thread.isAlive()) {
                throw new AssertionError(thread.getName() + " still waits");
            }
        }
    }

    /** Until it stands in such a method. */
    static void awaitBlockedIn(String method, Thread... threads) {
        long end = System.nanoTime() + DEADLINE_MS * 1_000_000;
        for (Thread thread : threads) {
            while (!isIn(method, thread)) {
                if (System.nanoTime() > end) {
                    throw new AssertionError(thread.getName() + " is not in " + method);
                }
                Thread.onSpinWait();
            }
        }
    }

    private static boolean isIn(String method, Thread thread) {
        for (StackTraceElement frame : thread.getStackTrace()) {
            if (frame.getMethodName().equals(method)) {
                return true;
            }
        }
        return false;
    }
}
