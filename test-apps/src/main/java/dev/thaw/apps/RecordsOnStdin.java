// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;

/** {@code RecordsOnStdin MB}: a live heap of {@link Records}; verifies the one whose number comes on stdin. */
public final class RecordsOnStdin {
    private RecordsOnStdin() {}

    public static void main(String[] args) throws IOException {
        Records records = new Records(Integer.parseInt(args[0]));
        System.out.println("ready");
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            System.out.printf("record %s %016x%n", line, records.verifyOne(Integer.parseInt(line)));
        }
    }
}
