// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.resources;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.LinkedHashMap;
import java.util.Map;
import org.crac.CheckpointException;
import org.crac.Context;
import org.crac.Core;
import org.crac.Resource;
import org.crac.RestoreException;

/**
 * An application that does not know of checkpoints: it opens what its arguments name, {@code NAME=KIND[:VALUE]} each,
 * and goes on using it. Whether it may is for resource policies to say.
 *
 * <p>Commands on stdin: {@code use NAME} uses it once more and tells what came of it; {@code checkpoint} by
 * Core.checkpointRestore; {@code fail} registers a resource that refuses; {@code ping}.
 */
public final class PolicyThings {
    /** What is open, used once more. */
    interface Use {
        String use() throws Exception;
    }

    private static final Map<String, Use> THINGS = new LinkedHashMap<>();
    private static Resource refusing;

    private PolicyThings() {}

    public static void main(String[] args) throws Throwable {
        for (String arg : args) {
            int equals = arg.indexOf('=');
            int colon = arg.indexOf(':');
            String kind = arg.substring(equals + 1, colon < 0 ? arg.length() : colon);
            THINGS.put(arg.substring(0, equals), open(kind, colon < 0 ? "" : arg.substring(colon + 1)));
        }
        System.out.println("ready");
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "use" -> System.out.println(words[1] + ": " + use(THINGS.get(words[1])));
                case "checkpoint" -> checkpoint();
                case "fail" -> fail();
                case "ping" -> System.out.println("pong");
                default -> System.out.println("unknown command " + line);
            }
        }
    }

    private static Use open(String kind, String value) throws Throwable {
        Use file = PolicyFiles.open(kind, value);
        return file != null ? file : PolicySockets.open(kind, value);
    }

    private static String use(Use thing) {
        try {
            return thing.use();
        } catch (Exception e) {
            return "threw " + e.getClass().getSimpleName() + ": " + e.getMessage();
        }
    }

    private static void fail() {
        refusing = new Resource() {
            @Override
            public void beforeCheckpoint(Context<? extends Resource> context) throws IOException {
                throw new IOException("refused on purpose");
            }

            @Override
            public void afterRestore(Context<? extends Resource> context) {
                System.out.println("afterRestore");
            }
        };
        Core.getGlobalContext().register(refusing);
        System.out.println("will refuse");
    }

    private static void checkpoint() {
        try {
            Core.checkpointRestore();
            System.out.println("checkpointRestore returned");
        } catch (CheckpointException | RestoreException e) {
            for (Throwable suppressed : e.getSuppressed()) {
                System.out.println("suppressed " + suppressed);
                tell(suppressed.getCause());
            }
            System.out.println("caught " + e.getClass().getSimpleName() + " with " + e.getSuppressed().length);
        }
    }

    private static void tell(Throwable cause) {
        if (cause != null) {
            System.out.println("cause " + cause.getMessage());
            for (StackTraceElement frame : cause.getStackTrace()) {
                System.out.println("at " + frame);
            }
        }
    }
}
