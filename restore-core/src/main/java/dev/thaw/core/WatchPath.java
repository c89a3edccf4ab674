// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

import java.util.Objects;

/**
 * What an inotify watch was added for: the kernel does not tell.
 *
 * @param fd   the inotify descriptor
 * @param wd   the watch's number in it
 * @param path absolute
 */
public record WatchPath(int fd, int wd, String path) {
    public WatchPath {
        Objects.requireNonNull(path, "path");
    }
}
