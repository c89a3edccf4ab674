// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.jdkstate;

import dev.thaw.apps.drive.Tls;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A TLS server, and a client, with the key of a file: sessions of before a checkpoint are not resumed after the restore.
 *
 * <p>Command: {@code connect PROTOCOL PORT}, answered {@code resumed true} or {@code false}.
 */
public final class TlsPeer {
    private TlsPeer() {}

    public static void main(String[] args) throws IOException {
        Tls tls = Tls.of(Path.of(args[0]));
        System.out.println("port " + tls.serve());
        Console.run(words -> "resumed " + tls.connect(words[1], Integer.parseInt(words[2])));
    }
}
