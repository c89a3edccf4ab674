// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.jdkstate;

import dev.thaw.apps.drive.RunningProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names are looked up again after a restore. */
class NameServiceTest {
    @TempDir
    private Path folder;

    @Test
    void aNameHasTheAddressOfTheRestore() throws IOException {
        lookUp(null, "found 127.0.0.2", "found 127.0.0.3");
    }

    @Test
    void withoutThePatchItHasTheOldOne() throws IOException {
        lookUp("InetAddress", "found 127.0.0.1", "found nothing");
    }

    private void lookUp(String patch, String known, String unknown) throws IOException {
        Path hosts = Files.writeString(folder.resolve("hosts"), "127.0.0.1 service.test\n");
        Path policy = Files.writeString(folder.resolve("policy"),
                "networkaddress.cache.ttl=-1\nnetworkaddress.cache.negative.ttl=-1\n");
        try (Clones clones = new Clones(patch, "NameService", List.of("-Djdk.net.hosts.file=" + hosts,
                "-Djava.security.properties=" + policy), Map.of())) {
            clones.original().awaitLine("ready");
            clones.ask("lookup service.test", "found 127.0.0.1");
            clones.ask("lookup new.test", "found nothing");
            clones.checkpoint();
            Files.writeString(hosts, "127.0.0.2 service.test\n127.0.0.3 new.test\n");
            try (RunningProcess restored = clones.restore()) {
                Clones.ask(restored, "lookup service.test", known);
                Clones.ask(restored, "lookup new.test", unknown);
            }
        }
    }
}
