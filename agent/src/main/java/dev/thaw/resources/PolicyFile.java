// SPDX-License-Identifier: Apache-2.0
package dev.thaw.resources;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** CRaC's file of rules: {@code key: value} lines, rules separated by {@code ---}. */
final class PolicyFile {
    static final String PROPERTY = "jdk.crac.resource-policies";
    private static final String SEPARATOR = ": ";

    private final String name;
    private final List<PolicyRule> rules = new ArrayList<>();
    private final List<String> doubts = new ArrayList<>();
    private Map<String, String> parameters = new HashMap<>();
    private String type;
    private String action;
    private int firstLine;

    private PolicyFile(String name) {
        this.name = name;
    }

    /** @throws PolicyException if there is no such file, or it holds something else than rules */
    static PolicyFile read(String name) {
        PolicyFile file = new PolicyFile(name);
        file.parse(file.lines());
        return file;
    }

    /** In the order of the file. */
    List<PolicyRule> rules() {
        return rules;
    }

    /** What CRaC passes over in silence: sentences about rules that cannot do anything. */
    List<String> doubts() {
        return doubts;
    }

    private List<String> lines() {
        Path path;
        try {
            path = Path.of(name);
        } catch (InvalidPathException e) {
            throw new PolicyException("File " + name + " used in property " + PROPERTY + " is no path", e);
        }
        if (!Files.exists(path)) {
            throw new PolicyException("File " + name + " used in property " + PROPERTY + " does not exist", null);
        }
        if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
            throw new PolicyException(
                    "File " + name + " used in property " + PROPERTY + " is not a regular file or cannot be read", null);
        }
        try {
            return Files.readAllLines(path);
        } catch (IOException e) {
            throw new PolicyException("Cannot read file " + name + " used in property " + PROPERTY + ": " + e, e);
        }
    }

    private void parse(List<String> lines) {
        int number = 0;
        for (String untrimmed : lines) {
            String line = untrimmed.trim();
            number++;
            if (line.equals("---")) {
                finishRule(number);
            } else if (!line.isEmpty() && !line.startsWith("#")) {
                assign(line, number);
            }
        }
        finishRule(number);
    }

    private void assign(String line, int number) {
        if (firstLine == 0) {
            firstLine = number;
        }
        int colon = line.indexOf(SEPARATOR);
        if (colon < 0) {
            throw invalid(number, "cannot parse line " + number + ": " + line, null);
        }
        String key = line.substring(0, colon).trim();
        String value = line.substring(colon + SEPARATOR.length()).trim();
        switch (key.toLowerCase(Locale.ROOT)) {
            case "type" -> type = value.toLowerCase(Locale.ROOT);
            case "action" -> action = value.toLowerCase(Locale.ROOT);
            default -> parameters.put(key, value);
        }
    }

    private void finishRule(int lastLine) {
        if (firstLine == 0) {
            return; // nothing between two lines of dashes
        }
        if (type == null || action == null) {
            throw invalid(lastLine, type == null ? "no 'type'" : "no 'action'", null);
        }
        addRule(lastLine);
        parameters = new HashMap<>();
        type = null;
        action = null;
        firstLine = 0;
    }

    private void addRule(int lastLine) {
        boolean warn = Boolean.parseBoolean(parameters.getOrDefault("warn", "true"));
        try {
            switch (type) {
                case "file" -> add(PolicyRule.Type.FILE, warn, file());
                case "pipe" -> add(PolicyRule.Type.PIPE, warn, descriptor -> true);
                case "socket" -> add(PolicyRule.Type.SOCKET, warn, SocketFilter.of(parameters));
                case "filedescriptor" -> add(PolicyRule.Type.FILEDESCRIPTOR, warn, raw());
                default -> doubts.add("The rule in " + name + " on lines " + firstLine + "-" + lastLine
                        + " is never used: type " + type + " is none of file, pipe, socket, filedescriptor.");
            }
        } catch (IllegalArgumentException e) {
            throw invalid(lastLine, e.getMessage(), e);
        }
    }

    private void add(PolicyRule.Type ruleType, boolean warn, Predicate<OpenDescriptor> filter) {
        boolean broad = parameters.keySet().stream().allMatch("warn"::equals);
        rules.add(new PolicyRule(ruleType, action, warn, broad, filter));
    }

    private Predicate<OpenDescriptor> file() {
        String glob = parameters.get("path");
        if (glob == null) {
            return descriptor -> true;
        }
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + glob);
        return descriptor -> matcher.matches(Path.of(descriptor.path()));
    }

    private Predicate<OpenDescriptor> raw() {
        String value = parameters.get("value");
        String regex = parameters.get("regex");
        Pattern pattern = regex == null ? null : Pattern.compile(regex);
        int fd = value == null ? -1 : number(value);
        return descriptor -> (value == null || descriptor.fd() == fd)
                && (pattern == null || pattern.matcher(descriptor.description()).matches());
    }

    private static int number(String value) {
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("value: " + value + " is no number");
        }
    }

    private PolicyException invalid(int lastLine, String why, Throwable cause) {
        return new PolicyException("Invalid rule in policies file " + name + " on lines " + firstLine + "-" + lastLine
                + ": " + why, cause);
    }
}
