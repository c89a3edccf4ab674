// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.crac;

import java.io.BufferedReader;
import java.io.InputStreamReader;

/** What an application here does with each line of its stdin; it knows {@code ping} and {@code exit STATUS} itself. */
interface Commands {
    /** @param value what followed the first blank; empty: nothing did */
    void obey(String command, String value) throws Exception;

    /** Says that it is ready, and returns at the end of stdin. */
    static void readAll(Commands commands) throws Exception {
        System.out.println("ready");
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            int blank = line.indexOf(' ');
            String command = blank < 0 ? line : line.substring(0, blank);
            String value = blank < 0 ? "" : line.substring(blank + 1);
            switch (command) {
                case "ping" -> System.out.println("pong");
                case "exit" -> System.exit(Integer.parseInt(value));
                default -> commands.obey(command, value);
            }
        }
    }
}
