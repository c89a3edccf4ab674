// SPDX-License-Identifier: Apache-2.0
package dev.thaw.metadata;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/** What the file {@code tags} of a snapshot says, in CRaC's format; {@code thaw restore --required-labels} reads it. */
public final class Labels {
    private static final String JAVA_VERSION = "java.version";
    private static final String ARCHITECTURE = "cpu.arch";

    private Labels() {}

    /**
     * @param given {@code name=value}, {@code name=$VARIABLE} or {@code VARIABLE}; a label whose variable is not set is
     *     left out, with a line on stderr
     * @throws IllegalArgumentException whose message is one sentence
     */
    public static Map<String, String> parse(String given, UnaryOperator<String> environment) {
        Map<String, String> labels = new LinkedHashMap<>();
        for (String item : Assignments.parse("labels", given).items()) {
            String name = Assignments.nameOf(item);
            String value = Assignments.valueOf(item);
            if (name.isEmpty() || name.equals(JAVA_VERSION) || name.equals(ARCHITECTURE)) {
                throw new IllegalArgumentException("labels: " + item + " has "
                        + (name.isEmpty() ? "no name" : "a name that Thaw gives itself"));
            }
            String variable = value == null ? name : value.startsWith("$") ? value.substring(1) : null;
            String meant = variable == null ? value : environment.apply(variable);
            if (meant == null) {
                System.err.println("thaw: the label " + name + " is left out: the environment variable " + variable
                        + " is not set");
            } else {
                labels.put(name, meant.replaceAll("\\R", " "));
            }
        }
        return labels;
    }

    public static String text(Map<String, String> labels, String cpuFeatures) {
        StringBuilder text = new StringBuilder();
        append(text, ARCHITECTURE, System.getProperty("os.arch"));
        text.append("bitmap:cpu.features=").append(cpuFeatures).append('\n');
        append(text, JAVA_VERSION, System.getProperty("java.version"));
        labels.forEach((name, value) -> append(text, name, value));
        return text.toString();
    }

    private static void append(StringBuilder text, String name, String value) {
        text.append("label:").append(name).append('=').append(value).append('\n');
    }
}
