// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * What must be another's in each clone: pid, randomness, stdio, properties, the way it ends.
 *
 * <p>Commands on stdin: {@code report}, {@code error} (a line on stderr), {@code exit STATUS},
 * {@code property NAME}.
 */
public final class PidAndRandom {
    private static final int ROUNDS = 200_000;
    private static final SecureRandom RANDOM = new SecureRandom();

    private PidAndRandom() {}

    public static void main(String[] args) throws IOException {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("shutdown hook ran")));
        for (int i = 0; i < 20; i++) {
            hotPid();
        }
        RANDOM.nextBytes(new byte[8]);
        System.out.println("ready");
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            obey(line);
        }
    }

    private static void obey(String line) {
        String[] words = line.split(" ");
        switch (words[0]) {
            case "report" -> report();
            case "error" -> System.err.println("on stderr");
            case "exit" -> System.exit(Integer.parseInt(words[1]));
            case "property" -> System.out.println("property " + System.getProperty(words[1]));
            default -> System.out.println("unknown command " + line);
        }
    }

    private static void report() {
        byte[] random = new byte[16];
        RANDOM.nextBytes(random);
        byte[] fresh = new SecureRandom().generateSeed(8);
        System.out.println("pid " + ProcessHandle.current().pid() + " compiled " + hotPid()
                + " runtime " + ManagementFactory.getRuntimeMXBean().getPid()
                + " name " + ManagementFactory.getRuntimeMXBean().getName().replaceAll("@.*", "")
                + " random " + HexFormat.of().formatHex(random)
                + " seed " + HexFormat.of().formatHex(fresh));
    }

    /** Compiled long before the checkpoint. */
    private static long hotPid() {
        long first = ProcessHandle.current().pid();
        for (int i = 0; i < ROUNDS; i++) {
            if (ProcessHandle.current().pid() != first) {
                return -1;
            }
        }
        return first;
    }
}
