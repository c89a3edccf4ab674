// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.drive;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What jcmd prints after a checkpoint. */
public record CheckpointReply(String text) {
    private static final Pattern PAUSE = Pattern.compile("pause[a-z ]*:? *([0-9.]+) (us|ms|s)\\b");
    private static final Pattern WRITE = Pattern.compile("write ([0-9.]+) (us|ms|s)\\b");
    private static final Pattern TRACK = Pattern.compile("track ([0-9.]+) (us|ms|s)\\b");
    private static final Pattern QUIESCE = Pattern.compile("quiesce[a-z ]*:? *([0-9.]+) (us|ms|s)\\b");
    private static final Pattern RETRIES = Pattern.compile("([0-9]+) retries");

    /** How often the threads were released and stopped once more. */
    public int quiesceRetries() {
        Matcher matcher = RETRIES.matcher(text);
        if (!matcher.find()) {
            throw new IllegalArgumentException("no number of retries in: " + text);
        }
        return Integer.parseInt(matcher.group(1));
    }

    public double pauseMs() {
        return milliseconds(PAUSE);
    }

    public double quiesceMs() {
        return milliseconds(QUIESCE);
    }

    public double writeMs() {
        return milliseconds(WRITE);
    }

    /** To start tracking, or to start it anew; 0 where the process ends. */
    public double trackMs() {
        return milliseconds(TRACK);
    }

    public boolean isDelta() {
        return text.contains("delta of ");
    }

    public boolean isFull() {
        return text.contains("full");
    }

    private double milliseconds(Pattern pattern) {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            return Double.NaN;
        }
        double value = Double.parseDouble(matcher.group(1));
        return switch (matcher.group(2)) {
            case "us" -> value / 1000;
            case "ms" -> value;
            default -> value * 1000;
        };
    }
}
