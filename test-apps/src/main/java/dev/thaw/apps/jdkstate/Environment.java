// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.jdkstate;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import java.util.TimeZone;

/**
 * A variable is the restore's wherever it is asked for: by name, in a map held since before, by compiled code, by native
 * code, in a child. The default time zone follows TZ.
 *
 * <p>Commands: {@code show NAME}, {@code count}, {@code zone}, {@code set ZONE}.
 */
public final class Environment {
    private static final int ROUNDS = 100_000;
    private static final Map<String, String> HELD = System.getenv();

    private Environment() {}

    public static void main(String[] args) throws IOException {
        for (int i = 0; i < 20; i++) {
            compiled("COLOUR");
        }
        Console.run(Environment::answer);
    }

    private static String answer(String[] words) throws Exception {
        return switch (words[0]) {
            case "show" -> "byName " + System.getenv(words[1]) + " held " + HELD.get(words[1])
                    + " listed " + listed(words[1]) + " compiled " + compiled(words[1]) + " native " + ofLibc(words[1])
                    + " child " + ofChild(words[1]) + " builder " + new ProcessBuilder().environment().get(words[1]);
            case "count" -> "count " + HELD.size() + " " + HELD.entrySet().stream().count();
            case "zone" -> "zone " + TimeZone.getDefault().getID() + " property " + System.getProperty("user.timezone");
            case "set" -> {
                TimeZone.setDefault(TimeZone.getTimeZone(words[1]));
                yield "set";
            }
            default -> "unknown command";
        };
    }

    private static String listed(String name) {
        for (Map.Entry<String, String> entry : HELD.entrySet()) {
            if (entry.getKey().equals(name)) {
                return entry.getValue();
            }
        }
        return null;
    }

    private static String compiled(String name) {
        String first = HELD.get(name);
        for (int i = 0; i < ROUNDS; i++) {
            String now = HELD.get(name);
            if (first == null ? now != null : !first.equals(now)) {
                return "changes";
            }
        }
        return first;
    }

    @SuppressWarnings("restricted")
    private static String ofLibc(String name) throws Exception {
        try (Arena arena = Arena.ofConfined()) {
            MethodHandle getenv = Linker.nativeLinker().downcallHandle(
                    Linker.nativeLinker().defaultLookup().find("getenv").orElseThrow(),
                    FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.ADDRESS));
            MemorySegment value = (MemorySegment) getenv.invokeExact(arena.allocateFrom(name));
            return value.address() == 0 ? null : value.reinterpret(4096).getString(0);
        } catch (Exception e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static String ofChild(String name) throws IOException, InterruptedException {
        Process child = new ProcessBuilder("sh", "-c", "echo \"${" + name + "-null}\"").start();
        String value = new String(child.getInputStream().readAllBytes()).strip();
        child.waitFor();
        return value;
    }
}
