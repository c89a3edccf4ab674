// SPDX-License-Identifier: Apache-2.0
package dev.thaw.resources;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.agent.ProcessNames;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** No rule reaches what the JDK and Thaw need. */
class OwnDescriptorsTest {
    @Test
    void theJdksFilesAndTheClassPathAreNotForRules() throws IOException {
        OwnDescriptors own = OwnDescriptors.ofThisProcess();
        String modules = Path.of(System.getProperty("java.home")).toRealPath().resolve("lib/modules").toString();
        assertTrue(own.contains(Samples.readOnly(7, modules)));
        assertFalse(own.contains(Samples.file(7, modules)));
        String first = System.getProperty("java.class.path").split(":")[0];
        assertTrue(own.contains(Samples.readOnly(7, Path.of(first).toRealPath().toString())));
        assertTrue(own.contains(Samples.readOnly(7, "/dev/urandom")));
        assertFalse(own.contains(Samples.readOnly(7, "/etc/hosts")));
    }

    @Test
    void theFilesOfASnapshotAndUserfaultfdAreNotForRules() throws IOException {
        OwnDescriptors own = OwnDescriptors.ofThisProcess();
        assertTrue(own.contains(Samples.readOnly(7, "/snapshots/0012/pages")));
        assertFalse(own.contains(Samples.readOnly(7, "/snapshots/pages")));
        assertTrue(own.contains(new OpenDescriptor(7, 1, 2, 0x180, "anon_inode:[userfaultfd]", true, null)));
        assertFalse(own.contains(Samples.epoll(7)));
    }

    @Test
    void theHeapOfZgcIsNotForRules() throws IOException {
        OwnDescriptors own = OwnDescriptors.ofThisProcess();
        assertTrue(own.contains(Samples.file(7, "/memfd:java_heap (deleted)")));
        assertFalse(own.contains(Samples.file(7, "/memfd:other (deleted)")));
    }

    @Test
    void whatTheFlightRecorderHasOpenIsNotForRules() throws IOException {
        OwnDescriptors own = OwnDescriptors.ofThisProcess();
        OpenDescriptor chunk = Samples.file(7, "/tmp/2026_7/1.jfr");
        OpenDescriptor processes = Samples.readOnly(7, "/proc");
        assertFalse(own.contains(chunk) || own.contains(processes));
        System.setProperty("jdk.jfr.repository", "/tmp/2026_7");
        try {
            assertTrue(own.contains(chunk) && own.contains(processes));
            assertFalse(own.contains(Samples.file(7, "/tmp/2026_78/1.jfr")));
            System.setProperty("thaw.patch.PlatformRecorder", "off");
            assertFalse(own.contains(chunk));
        } finally {
            System.clearProperty("jdk.jfr.repository");
            System.clearProperty("thaw.patch.PlatformRecorder");
        }
    }

    @Test
    void jcmdsConnectionsAreNotForRules() throws IOException {
        OwnDescriptors own = OwnDescriptors.ofThisProcess();
        String listener = ProcessNames.ofThisProcess().listener().toString();
        assertTrue(own.contains(unix(listener + ".thaw")));
        assertTrue(own.contains(unix(listener + ".tmp")));
        assertFalse(own.contains(unix("/run/other.sock")));
    }

    @Test
    void duplicatesOfTheStandardStreamsAreNotForRules() throws IOException {
        OwnDescriptors own = OwnDescriptors.ofThisProcess();
        var status = Files.readAttributes(Path.of("/proc/self/fd/1"), "unix:dev,ino,mode");
        OpenDescriptor duplicate = new OpenDescriptor(7, (long) status.get("dev"), (long) status.get("ino"),
                (int) status.get("mode"), "/somewhere", true, null);
        assertTrue(own.contains(duplicate));
        assertFalse(own.contains(new OpenDescriptor(7, duplicate.dev(), -1, duplicate.mode(),
                "/somewhere", true, null)));
    }

    private static OpenDescriptor unix(String path) {
        return Samples.socket(7, SocketName.AF_UNIX, false, UnixDomainSocketAddress.of(path), null, true);
    }
}
