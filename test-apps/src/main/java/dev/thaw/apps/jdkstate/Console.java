// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.jdkstate;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import org.crac.Context;
import org.crac.Core;
import org.crac.Resource;

/** Answers each line of stdin with one of stdout; says when it is {@code ready}, and when it was {@code restored}. */
final class Console implements Resource {
    /** One command. */
    interface Answer {
        String to(String[] words) throws Exception;
    }

    private Console() {}

    static void run(Answer answer) throws IOException {
        Console console = new Console();
        Core.getGlobalContext().register(console);
        System.out.println("ready");
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            System.out.println(answer(answer, line));
        }
        java.lang.ref.Reference.reachabilityFence(console);
    }

    private static String answer(Answer answer, String line) {
        try {
            return answer.to(line.split(" "));
        } catch (Exception e) {
            return e.toString();
        }
    }

    @Override
    public void beforeCheckpoint(Context<? extends Resource> context) {
        // nothing to close
    }

    @Override
    public void afterRestore(Context<? extends Resource> context) {
        System.out.println("restored");
    }
}
