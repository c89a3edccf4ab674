// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.jdkstate;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.RuntimeMXBean;
import java.util.concurrent.ForkJoinPool;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * When the process began, and how many processors its pools use: the restored one's.
 *
 * <p>Commands: {@code started}, {@code processors}, {@code fix N} (the application sets the common pool's parallelism).
 */
public final class RuntimeFacts {
    private RuntimeFacts() {}

    public static void main(String[] args) throws IOException {
        RuntimeMXBean runtime = ManagementFactory.getRuntimeMXBean();
        Thread.ofVirtual().start(() -> { });
        Console.run(words -> switch (words[0]) {
            case "started" -> "start " + runtime.getStartTime() + " uptime " + runtime.getUptime() + " now "
                    + System.currentTimeMillis();
            case "processors" -> "processors " + Runtime.getRuntime().availableProcessors() + " common "
                    + ForkJoinPool.commonPool().getParallelism() + " carriers " + carriers();
            case "fix" -> "was " + ForkJoinPool.commonPool().setParallelism(Integer.parseInt(words[1]));
            default -> "unknown command";
        });
    }

    private static Object carriers() throws JMException {
        return ManagementFactory.getPlatformMBeanServer().getAttribute(
                new ObjectName("jdk.management:type=VirtualThreadScheduler"), "Parallelism");
    }
}
