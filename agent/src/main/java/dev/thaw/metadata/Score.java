// SPDX-License-Identifier: Apache-2.0
package dev.thaw.metadata;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What the file {@code score} of a snapshot says: {@code name=number}, with CRaC's names. */
public final class Score {
    private static final String[] COUNTERS = {
        "java.cls.loadedClasses", "java.cls.sharedLoadedClasses", "java.cls.unloadedClasses",
        "java.cls.sharedUnloadedClasses", "sun.cls.appClassLoadCount", "sun.ci.totalCompiles", "sun.ci.totalBailouts",
        "sun.ci.totalInvalidates", "sun.ci.osrCompiles", "sun.ci.standardCompiles", "sun.ci.osrBytes",
        "sun.ci.standardBytes", "sun.ci.nmethodSize", "sun.ci.nmethodCodeSize",
    };
    private static final double NANOS_PER_MILLI = 1e6;

    private final Map<String, Double> metrics = new TreeMap<>();

    private Score() {}

    /**
     * @param given {@code name=number}; one of these names replaces what the JVM measured
     * @throws IllegalArgumentException whose message is one sentence
     */
    public static Map<String, Double> parse(String given) {
        Map<String, Double> metrics = new TreeMap<>();
        for (String item : Assignments.parse("metrics", given).items()) {
            String value = Assignments.valueOf(item);
            try {
                metrics.put(Assignments.nameOf(item), Double.valueOf(value == null ? "" : value));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("metrics: " + item + " is not understood: a metric is name=number", e);
            }
        }
        return metrics;
    }

    /**
     * @param startMillis when the JVM started, at first
     * @param restoreMillis the time since its last restore; -1: it was not restored
     */
    public static String text(long startMillis, long restoreMillis, int resources, Map<String, Double> given) {
        Score score = new Score();
        score.addUptimes(startMillis, restoreMillis);
        score.addMemory();
        score.addCounters();
        score.metrics.put("jdk.crac.globalContext.size", (double) resources);
        score.metrics.putAll(given);
        StringBuilder text = new StringBuilder();
        score.metrics.forEach((name, value) -> text.append(name).append('=')
                .append(String.format(Locale.ROOT, "%f", value)).append('\n'));
        return text.toString();
    }

    private void addUptimes(long startMillis, long restoreMillis) {
        double sinceBoot = System.currentTimeMillis() - startMillis;
        metrics.put("vm.bootTime", (double) startMillis);
        metrics.put("vm.uptimeSinceBoot", sinceBoot);
        metrics.put("vm.uptimeSinceRestore", (double) restoreMillis);
        metrics.put("vm.uptime", restoreMillis < 0 ? sinceBoot : restoreMillis);
        ProcessHandle.current().info().totalCpuDuration()
                .ifPresent(time -> metrics.put("vm.processCpuTime", time.toNanos() / NANOS_PER_MILLI));
    }

    private void addMemory() {
        Runtime runtime = Runtime.getRuntime();
        metrics.put("vm.availableProcessors", (double) runtime.availableProcessors());
        metrics.put("vm.freeMemory", (double) runtime.freeMemory());
        metrics.put("vm.totalMemory", (double) runtime.totalMemory());
        metrics.put("vm.maxMemory", (double) runtime.maxMemory());
    }

    /** HotSpot's own; with -XX:-UsePerfData, what its MXBeans know. */
    private void addCounters() {
        Map<String, Long> counters = PerfCounters.read();
        for (String name : COUNTERS) {
            if (counters.containsKey(name)) {
                metrics.put(name, (double) counters.get(name));
            }
        }
        Long compileNanos = counters.get("java.ci.totalTime");
        if (compileNanos != null) {
            metrics.put("java.ci.totalTime", compileNanos / NANOS_PER_MILLI);
            return;
        }
        metrics.put("java.cls.loadedClasses",
                (double) ManagementFactory.getClassLoadingMXBean().getTotalLoadedClassCount());
        metrics.put("java.cls.unloadedClasses",
                (double) ManagementFactory.getClassLoadingMXBean().getUnloadedClassCount());
        CompilationMXBean compilation = ManagementFactory.getCompilationMXBean(); // null with -Xint
        metrics.put("java.ci.totalTime", compilation == null ? 0 : (double) compilation.getTotalCompilationTime());
    }
}
