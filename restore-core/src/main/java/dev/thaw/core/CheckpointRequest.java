// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * One checkpoint.
 *
 * @param to             absolute path of DIR, which exists
 * @param keepRunning    false: the process ends when the snapshot is on disk
 * @param full           true: no delta even where one is possible
 * @param replyFd        connection that is answered before the process ends; -1: none
 * @param quiesceTimeout for all attempts to park the threads together; zero: the engine's default
 * @param removeAtEnd    absolute paths of files, and folders of files, removed when the process ends after the checkpoint
 * @param decisions      what becomes of descriptors; each at most once
 * @param watchPaths     what the watches of inotify descriptors were added for
 * @param tags           the content of the snapshot's file of this name; empty: no such file
 * @param score          the same
 */
public record CheckpointRequest(Path to, boolean keepRunning, boolean full, int replyFd,
        Duration quiesceTimeout, List<Path> removeAtEnd, List<DescriptorDecision> decisions,
        List<WatchPath> watchPaths, String tags, String score) {
    public CheckpointRequest {
        Objects.requireNonNull(to, "to");
        Objects.requireNonNull(quiesceTimeout, "quiesceTimeout");
        removeAtEnd = List.copyOf(removeAtEnd);
        decisions = List.copyOf(decisions);
        watchPaths = List.copyOf(watchPaths);
        Objects.requireNonNull(tags, "tags");
        Objects.requireNonNull(score, "score");
        if (!to.isAbsolute()) {
            throw new IllegalArgumentException("not an absolute path: " + to);
        }
    }

    /** With one more path to remove at the end. */
    public CheckpointRequest alsoRemoving(Path path) {
        List<Path> paths = new ArrayList<>(removeAtEnd);
        paths.add(path);
        return new CheckpointRequest(to, keepRunning, full, replyFd, quiesceTimeout, paths, decisions,
                watchPaths, tags, score);
    }
}
