// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** A {@link CheckpointRequest} as {@code struct thaw_request}. */
final class RequestWriter {
    private RequestWriter() {}

    /** All of it lives as long as the arena. */
    static MemorySegment write(Arena arena, CheckpointRequest request) {
        MemorySegment memory = arena.allocate(Layouts.REQUEST.size(), Long.BYTES);
        long flags = (request.keepRunning() ? Layouts.FLAG_KEEP_RUNNING : 0) | (request.full() ? Layouts.FLAG_FULL : 0);
        StringBuilder removals = new StringBuilder();
        request.removeAtEnd().forEach(path -> removals.append(path).append('\0'));
        byte[] tags = NativeText.bytes(request.tags());
        byte[] score = NativeText.bytes(request.score());
        view(memory, Layouts.REQUEST, 0)
                .putLong("tags", arena.allocateFrom(ValueLayout.JAVA_BYTE, tags).address())
                .putLong("tags_bytes", tags.length)
                .putLong("score", arena.allocateFrom(ValueLayout.JAVA_BYTE, score).address())
                .putLong("score_bytes", score.length)
                .putLong("bytes", Layouts.REQUEST.size())
                .putLong("flags", flags)
                .putLong("reply_fd", request.replyFd())
                .putLong("quiesce_timeout_ns", request.quiesceTimeout().toNanos())
                .putString("to", NativeText.bytes(request.to()))
                .putString("remove_at_end", NativeText.bytes(removals))
                .putLong("decisions", decisions(arena, request.decisions()).address())
                .putLong("decision_count", request.decisions().size())
                .putLong("watch_paths", watchPaths(arena, request.watchPaths()).address())
                .putLong("watch_path_count", request.watchPaths().size());
        return memory;
    }

    private static MemorySegment decisions(Arena arena, List<DescriptorDecision> decisions) {
        MemorySegment memory = arena.allocate((long) Layouts.DECISION.size() * decisions.size(), Long.BYTES);
        for (int i = 0; i < decisions.size(); i++) {
            DescriptorDecision decision = decisions.get(i);
            view(memory, Layouts.DECISION, i)
                    .putInt("fd", decision.fd())
                    .putInt("action", decision.action().ordinal())
                    .putLong("device", decision.device())
                    .putLong("inode", decision.inode());
        }
        return memory;
    }

    private static MemorySegment watchPaths(Arena arena, List<WatchPath> paths) {
        MemorySegment memory = arena.allocate((long) Layouts.WATCH_PATH.size() * paths.size(), Long.BYTES);
        for (int i = 0; i < paths.size(); i++) {
            WatchPath path = paths.get(i);
            view(memory, Layouts.WATCH_PATH, i)
                    .putInt("fd", path.fd())
                    .putInt("wd", path.wd())
                    .putLong("path", text(arena, path.path()).address());
        }
        return memory;
    }

    /** NUL-terminated: memory of an arena is zeroed. */
    private static MemorySegment text(Arena arena, String text) {
        byte[] bytes = NativeText.bytes(text);
        MemorySegment memory = arena.allocate(bytes.length + 1L);
        MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return memory;
    }

    private static CStruct.View view(MemorySegment memory, CStruct type, int index) {
        return type.at(memory.asByteBuffer(), index * type.size());
    }
}
