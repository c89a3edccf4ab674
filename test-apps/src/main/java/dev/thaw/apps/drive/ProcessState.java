// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.drive;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What /proc tells about a process. */
public final class ProcessState {
    /** Of /proc/PID/smaps; flags are those of VmFlags, two letters each. */
    public record Mapping(String range, String path, long residentBytes, long proportionalBytes, long anonymousBytes,
            List<String> flags) {
        public long start() {
            return Long.parseUnsignedLong(range.substring(0, range.indexOf('-')), 16);
        }

        public long bytes() {
            return Long.parseUnsignedLong(range.substring(range.indexOf('-') + 1), 16) - start();
        }
    }

    private static final Pattern MAPPING = Pattern.compile("[0-9a-f]+-[0-9a-f]+ .*");

    private static final int THREADS_TOLD = 60;

    private ProcessState() {}

    /** Each thread's name, state, signal masks, wait channel, system call and (as root) kernel stack. */
    public static String describe(long pid) {
        StringBuilder text = new StringBuilder();
        try (Stream<Path> tasks = Files.list(Path.of("/proc/" + pid + "/task"))) {
            List<Path> told = tasks.sorted().toList();
            text.append(told.size()).append(" threads\n");
            told.stream().limit(THREADS_TOLD).forEach(task -> describeThread(task, text));
        } catch (IOException e) {
            text.append("no threads to be seen: ").append(e.getMessage()).append('\n');
        }
        return text.toString();
    }

    private static void describeThread(Path task, StringBuilder text) {
        text.append("  ").append(task.getFileName()).append(' ').append(read(task.resolve("comm")).strip());
        for (String line : read(task.resolve("status")).lines().toList()) {
            if (line.matches("(State|SigBlk|SigPnd):.*")) {
                text.append("  ").append(line.replace("\t", " "));
            }
        }
        text.append("  wchan ").append(read(task.resolve("wchan")).strip());
        text.append("  syscall ").append(read(task.resolve("syscall")).strip()).append('\n');
        read(task.resolve("stack")).lines().forEach(line -> text.append("      ").append(line).append('\n'));
    }

    public static boolean catchesSignal(long pid, int signal) {
        return isInMask(pid, "SigCgt", signal);
    }

    public static boolean ignoresSignal(long pid, int signal) {
        return isInMask(pid, "SigIgn", signal);
    }

    private static boolean isInMask(long pid, String mask, int signal) {
        return (Long.parseUnsignedLong(statusField(pid, mask, "0"), 16) >> (signal - 1) & 1) == 1;
    }

    public static String statusField(long pid, String key, String absent) {
        return read(Path.of("/proc/" + pid + "/status")).lines()
                .filter(line -> line.startsWith(key + ":"))
                .map(line -> line.substring(key.length() + 1).strip())
                .findFirst().orElse(absent);
    }

    public static long residentBytes(long pid) {
        return kilobytes(statusField(pid, "VmRSS", "0 kB"));
    }

    public static long pageTableBytes(long pid) {
        return kilobytes(statusField(pid, "VmPTE", "0 kB"));
    }

    /** Pss of /proc/PID/smaps_rollup: pages that several processes have mapped count by their share. */
    public static long proportionalBytes(long pid) {
        return read(Path.of("/proc/" + pid + "/smaps_rollup")).lines()
                .filter(line -> line.startsWith("Pss:"))
                .mapToLong(ProcessState::kilobytes)
                .findFirst().orElseThrow();
    }

    /** rchar of /proc/PID/io: bytes it asked read(2) and the like for. */
    public static long bytesRead(long pid) {
        return read(Path.of("/proc/" + pid + "/io")).lines()
                .filter(line -> line.startsWith("rchar: "))
                .mapToLong(line -> Long.parseLong(line.substring(7)))
                .findFirst().orElseThrow();
    }

    public static List<Mapping> mappings(long pid) {
        List<Mapping> mappings = new ArrayList<>();
        String[] fields = {};
        long resident = 0;
        long proportional = 0;
        long anonymous = 0;
        for (String line : read(Path.of("/proc/" + pid + "/smaps")).lines().toList()) {
            if (MAPPING.matcher(line).matches()) {
                fields = line.split(" +", 6);
            } else if (line.startsWith("Rss:")) {
                resident = kilobytes(line);
            } else if (line.startsWith("Pss:")) {
                proportional = kilobytes(line);
            } else if (line.startsWith("Anonymous:")) {
                anonymous = kilobytes(line);
            } else if (line.startsWith("VmFlags:")) {
                mappings.add(new Mapping(fields[0], fields.length > 5 ? fields[5] : "", resident, proportional, anonymous,
                        List.of(line.substring("VmFlags:".length()).strip().split(" "))));
            }
        }
        return mappings;
    }

    private static long kilobytes(String line) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
    }

    /** Links of /proc/PID/fd. */
    public static List<String> openFiles(long pid) {
        List<String> targets = new ArrayList<>();
        try (Stream<Path> links = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            for (Path link : links.toList()) {
                targets.add(Files.readSymbolicLink(link).toString());
            }
        } catch (IOException e) {
            targets.add(e.toString());
        }
        return targets;
    }

    private static String read(Path path) {
        try {
            return Files.readString(path);
        } catch (IOException e) {
            return "(" + e.getMessage() + ")\n";
        }
    }
}
