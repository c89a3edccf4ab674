// SPDX-License-Identifier: Apache-2.0
package dev.thaw.apps.harness;

import dev.thaw.apps.drive.Completed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A tmpfs of a few megabytes; only root can mount one. */
public final class SmallDisk implements AutoCloseable {
    private final Path mountPoint;

    public SmallDisk(int megabytes) {
        try {
            mountPoint = Files.createTempDirectory("thaw-small-disk-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Completed mount = Completed.run("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "thaw-small",
                mountPoint.toString());
        if (mount.status() != 0) {
            throw new IllegalStateException(mount.output());
        }
    }

    public Path path() {
        return mountPoint;
    }

    @Override
    public void close() {
        Completed.run("umount", "-l", mountPoint.toString());
        try {
            Files.deleteIfExists(mountPoint);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
