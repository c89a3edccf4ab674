// SPDX-License-Identifier: Apache-2.0
package dev.thaw.agent;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;

/**
 * What the user set, by {@code -javaagent:thaw.jar=key=value,…}, by {@code -Dthaw.key=value} where that says nothing,
 * and for one checkpoint by {@code jcmd … JDK.checkpoint key=value …}.
 *
 * @param to the folder of the snapshots, absolute; null when none was given
 * @param pattern {@code to} as given, when it has a {@link PathPattern}; else null
 * @param labels as given, a line for each place that gave some; null: none. The property is read at each checkpoint
 * @param metrics the same
 */
public record AgentOptions(Path to, String pattern, boolean keepRunning, boolean full, boolean lazy, boolean prefetch,
                           Collection gc, Duration quiesceTimeout, String labels, String metrics) {
    /** Whether to collect garbage before a snapshot; AUTO: before a full one. YOUNG: the same, and G1's eden before a delta. */
    public enum Collection { AUTO, ALWAYS, NEVER, YOUNG }

    /** Those of a single checkpoint; the others hold for the life of the JVM. */
    private static final String[] REQUEST_KEYS =
            {"to", "keep_running", "full", "gc", "quiesce_timeout", "labels", "metrics"};
    private static final String[] KEYS =
            {"to", "keep_running", "full", "gc", "quiesce_timeout", "labels", "metrics", "lazy", "prefetch"};

    private static final AgentOptions DEFAULTS = new AgentOptions(null, null, false, false, true, true,
            Collection.AUTO, Duration.ofSeconds(10), null, null);

    /**
     * @param arguments of -javaagent; null or empty when there are none
     * @throws IllegalArgumentException whose message is one sentence that names the key and what it allows
     */
    public static AgentOptions parse(String arguments, Properties properties) {
        AgentOptions options = DEFAULTS;
        for (String key : KEYS) {
            String value = properties.getProperty("thaw.".concat(key));
            if (value != null && !isReadAtCheckpoint(key)) {
                options = options.with(key, value);
            }
        }
        int start = 0;
        while (arguments != null && start < arguments.length()) {
            int comma = arguments.indexOf(',', start);
            int end = comma < 0 ? arguments.length() : comma;
            options = options.with(arguments.substring(start, end));
            start = end + 1;
        }
        return options;
    }

    /**
     * These options with one {@code key=value} of a jcmd request changed.
     *
     * @throws IllegalArgumentException as above
     */
    public AgentOptions withRequested(String assignment) {
        int equals = assignment.indexOf('=');
        String key = equals < 0 ? assignment : assignment.substring(0, equals);
        if (!contains(REQUEST_KEYS, key)) {
            throw new IllegalArgumentException(contains(KEYS, key)
                    ? key + " can only be set when the JVM starts"
                    : "unknown option " + key + ": there are " + String.join(", ", REQUEST_KEYS));
        }
        return with(assignment);
    }

    /** These options with those changed that a restore set, by -Dthaw.key=value; a wrong one is left as it was. */
    public AgentOptions withRestored(Map<String, String> properties) {
        AgentOptions options = this;
        for (String key : REQUEST_KEYS) {
            String value = properties.get("thaw.".concat(key));
            try {
                options = value == null || isReadAtCheckpoint(key) ? options : options.with(key, value);
            } catch (IllegalArgumentException e) {
                System.err.println("thaw: ".concat(e.getMessage()));
            }
        }
        return options;
    }

    /** These with the folder that the pattern stands for at this moment. */
    public AgentOptions withFolder(String expanded) {
        return new AgentOptions(folder(expanded), null, keepRunning, full, lazy, prefetch, gc, quiesceTimeout, labels,
                metrics);
    }

    private static boolean isReadAtCheckpoint(String key) {
        return key.equals("labels") || key.equals("metrics");
    }

    /** A flag alone means true, as in HotSpot's own commands. */
    private AgentOptions with(String assignment) {
        int equals = assignment.indexOf('=');
        return equals < 0
                ? with(assignment, "true")
                : with(assignment.substring(0, equals), assignment.substring(equals + 1));
    }

    private AgentOptions with(String key, String value) {
        Path newTo = to;
        String newPattern = pattern;
        String newLabels = labels;
        String newMetrics = metrics;
        boolean newKeepRunning = keepRunning;
        boolean newFull = full;
        boolean newLazy = lazy;
        boolean newPrefetch = prefetch;
        Collection newGc = gc;
        Duration newTimeout = quiesceTimeout;
        switch (key) {
            case "to" -> {
                newTo = folder(value);
                newPattern = value.indexOf('%') < 0 ? null : PathPattern.checked(value);
            }
            case "labels" -> newLabels = added(labels, value);
            case "metrics" -> newMetrics = added(metrics, value);
            case "keep_running" -> newKeepRunning = flag(key, value, "true", "false");
            case "full" -> newFull = flag(key, value, "true", "false");
            case "lazy" -> newLazy = flag(key, value, "on", "off");
            case "prefetch" -> newPrefetch = flag(key, value, "on", "off");
            case "gc" -> newGc = collection(value);
            case "quiesce_timeout" -> newTimeout = seconds(key, value);
            default -> throw new IllegalArgumentException("unknown option " + key + ": there are " + String.join(", ", KEYS));
        }
        return new AgentOptions(newTo, newPattern, newKeepRunning, newFull, newLazy, newPrefetch, newGc, newTimeout,
                newLabels, newMetrics);
    }

    private static String added(String before, String value) {
        return before == null ? value : before.concat("\n").concat(value);
    }

    private static Path folder(String value) {
        if (value.isEmpty()) {
            throw new IllegalArgumentException("to= is empty: it takes the folder of the snapshots");
        }
        try {
            return Path.of(value).toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("to=" + value + " is no path: it takes the folder of the snapshots");
        }
    }

    private static boolean flag(String key, String value, String yes, String no) {
        if (!value.equals(yes) && !value.equals(no)) {
            throw new IllegalArgumentException(key + "=" + value + " is not understood: " + key + " is " + yes + " or " + no);
        }
        return value.equals(yes);
    }

    private static Collection collection(String value) {
        return switch (value) {
            case "auto" -> Collection.AUTO;
            case "true" -> Collection.ALWAYS;
            case "false" -> Collection.NEVER;
            case "young" -> Collection.YOUNG;
            default -> throw new IllegalArgumentException("gc=" + value + " is not understood: gc is auto, true, false or young");
        };
    }

    private static Duration seconds(String key, String value) {
        double seconds;
        try {
            seconds = Double.parseDouble(value);
        } catch (NumberFormatException e) {
            seconds = Double.NaN;
        }
        if (!(seconds > 0 && seconds <= 3600)) {
            throw new IllegalArgumentException(key + "=" + value + " is not understood: " + key
                    + " is a number of seconds above 0, at most 3600");
        }
        return Duration.ofNanos((long) (seconds * 1e9));
    }

    private static boolean contains(String[] keys, String key) {
        for (String each : keys) {
            if (each.equals(key)) {
                return true;
            }
        }
        return false;
    }
}
