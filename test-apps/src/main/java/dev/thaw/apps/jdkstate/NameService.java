// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.jdkstate;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * A name that was looked up before the checkpoint is looked up again after the restore, one that was not found too.
 * Runs with {@code -Djdk.net.hosts.file}.
 *
 * <p>Command: {@code lookup NAME}.
 */
public final class NameService {
    private NameService() {}

    public static void main(String[] args) throws IOException {
        Console.run(words -> {
            try {
                return "found " + InetAddress.getByName(words[1]).getHostAddress();
            } catch (UnknownHostException e) {
                return "found nothing";
            }
        });
    }
}
