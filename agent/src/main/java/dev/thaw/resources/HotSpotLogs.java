// SPDX-License-Identifier: Apache-2.0
package dev.thaw.resources;

import dev.thaw.core.JdkAccess;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The files HotSpot logs to, as it tells now: jcmd can add one at any time. It is asked in this process, by what
 * java.lang.management has for its own use; where the runtime image lacks that, no file counts as a log of HotSpot.
 */
final class HotSpotLogs {
    /** CompileLog, one for each compiler thread, until the JVM ends. */
    private static final String OF_COMPILERS = "/tmp/hs_c[0-9]+_pid[0-9]+\\.log";
    /** defaultStream::init_log; it falls back to /tmp. */
    private static final String DEFAULT_NAME = "hotspot_%p.log";
    private static final Pattern OUTPUT = Pattern.compile(" *#[0-9]+: \"?file=(.+?)\"? all=.*");
    private static final Pattern FLAG = Pattern.compile(" *(?:bool|ccstr) (LogFile|LogVMOutput|LogCompilation) *= (.*?) *\\{.*");

    private final List<Pattern> names = new ArrayList<>();

    private HotSpotLogs() {}

    static HotSpotLogs ask() {
        MethodHandle commands = commands();
        return commands == null ? new HotSpotLogs() : of(run(commands, "VM.log list"), run(commands, "VM.flags -all"));
    }

    static HotSpotLogs of(String outputs, String flags) {
        HotSpotLogs logs = new HotSpotLogs();
        outputs.lines().map(OUTPUT::matcher).filter(matcher -> matcher.matches())
                .forEach(matcher -> logs.add(matcher.group(1)));
        logs.addLogFile(flags);
        return logs;
    }

    private void addLogFile(String flags) {
        String name = "";
        boolean used = false;
        for (var matcher : flags.lines().map(FLAG::matcher).filter(matcher -> matcher.matches()).toList()) {
            String value = matcher.group(2).strip();
            if (matcher.group(1).equals("LogFile")) {
                name = value;
            } else if (value.equals("true")) {
                used = true;
            }
        }
        if (used) {
            add(name.isEmpty() ? DEFAULT_NAME : name);
            add("/tmp/" + DEFAULT_NAME);
            names.add(Pattern.compile(OF_COMPILERS));
        }
    }

    /** %p is the pid, in LogFile with the word in front of it, %t a time, %hn the host. */
    private void add(String name) {
        Path path = Path.of(name).toAbsolutePath().normalize();
        Path folder = path.getParent();
        try {
            path = folder.toRealPath().resolve(path.getFileName());
        } catch (IOException e) {
            // a folder whose name has a % itself
        }
        StringBuilder regex = new StringBuilder();
        String text = path.toString();
        for (int i = 0; i < text.length(); i++) {
            char next = i + 1 < text.length() ? text.charAt(i + 1) : 0;
            if (text.charAt(i) == '%' && (next == 'p' || next == 't' || next == 'h')) {
                regex.append(next == 'p' ? "(?:pid)?[0-9]+" : "[^/]+");
                i += next == 'h' ? 2 : 1;
            } else {
                regex.append(Pattern.quote(text.substring(i, i + 1)));
            }
        }
        names.add(Pattern.compile(regex.toString()));
    }

    boolean contains(String path) {
        return names.stream().anyMatch(name -> name.matcher(path).matches());
    }

    private static String run(MethodHandle commands, String command) {
        try {
            return (String) commands.invokeExact(command);
        } catch (Throwable e) {
            return "";
        }
    }

    /** DiagnosticCommandImpl.executeDiagnosticCommand, JDK 22-25 (tested: 25); null where there is none. */
    private static MethodHandle commands() {
        try {
            MethodHandles.Lookup lookup = JdkAccess.lookup();
            Class.forName("com.sun.management.internal.PlatformMBeanProviderImpl", true, null); // loads its library
            Class<?> type = lookup.findClass("com.sun.management.internal.DiagnosticCommandImpl");
            Class<?> vm = lookup.findClass("sun.management.VMManagement");
            Object management = lookup.findStatic(lookup.findClass("sun.management.ManagementFactoryHelper"),
                    "getVMManagement", MethodType.methodType(vm)).invoke();
            Object commands = lookup.findConstructor(type, MethodType.methodType(void.class, vm)).invoke(management);
            return lookup.findVirtual(type, "executeDiagnosticCommand",
                    MethodType.methodType(String.class, String.class)).bindTo(commands);
        } catch (Throwable e) {
            return null;
        }
    }
}
