// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.function.LongUnaryOperator;

/** For each line on stdin runs code that is new to the compilers, until they have worked; then prints "compiled". */
public final class HotLoop {
    private static final int CALLS = 20_000;
    private static volatile long result;

    private HotLoop() {}

    public static void main(String[] args) throws IOException {
        CompilationMXBean compilers = ManagementFactory.getCompilationMXBean();
        System.out.println("ready");
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        while (commands.readLine() != null) {
            long before = compilers.getTotalCompilationTime();
            for (long seed = 0; compilers.getTotalCompilationTime() == before; seed++) {
                long constant = seed;
                call(x -> x * constant + 1);
            }
            System.out.println("compiled");
        }
    }

    private static void call(LongUnaryOperator operator) {
        long value = 0;
        for (int i = 0; i < CALLS; i++) {
            value = operator.applyAsLong(value);
        }
        result = value;
    }
}
