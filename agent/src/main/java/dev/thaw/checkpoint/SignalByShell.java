// SPDX-License-Identifier: Apache-2.0
package dev.thaw.checkpoint;

import dev.thaw.agent.ProcessNames;
import java.io.IOException;
import java.io.InputStream;

/** Java alone cannot send itself a signal. */
final class SignalByShell {
    private SignalByShell() {}

    static void send(int signal) throws IOException {
        String command = "kill -" + signal + " " + ProcessNames.ofThisProcess().pid();
        Process shell = new ProcessBuilder("sh", "-c", command).redirectErrorStream(true).start();
        try (InputStream output = shell.getInputStream()) {
            shell.getOutputStream().close();
            String said = new String(output.readAllBytes());
            int status = shell.waitFor();
            if (status != 0) {
                throw new IOException(command + " ended with status " + status + ": " + said.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted during " + command, e);
        }
    }
}
