// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.thaw.core.DescriptorDecision.Action;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.MemorySegment.Scope;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RequestWriterTest {
    @Test
    void listsStandWhereTheRequestSaysWithAllTheirEntries() {
        try (Recording arena = new Recording()) {
            CStruct.View request = view(RequestWriter.write(arena, new CheckpointRequest(Path.of("/to"), true, false, 7,
                    Duration.ZERO, List.of(),
                    List.of(new DescriptorDecision(3, 0x10002, 0xffff_ffff_fL, Action.CARRY),
                            new DescriptorDecision(4, 5, 6, Action.CLOSE)),
                    List.of(new WatchPath(8, 1, "/a"), new WatchPath(8, 2, "/b c")), "tags", "scores")), Layouts.REQUEST, 0);
            assertEquals(4, request.getLong("tags_bytes"));
            assertEquals(6, request.getLong("score_bytes"));
            assertEquals(2, request.getLong("decision_count"));
            assertEquals(2, request.getLong("watch_path_count"));
            MemorySegment decisions = arena.at(request.getLong("decisions"));
            assertEquals("3 1 65538 68719476735", decision(decisions, 0));
            assertEquals("4 2 5 6", decision(decisions, 1));
            MemorySegment paths = arena.at(request.getLong("watch_paths"));
            assertEquals("8 1 /a", watchPath(arena, paths, 0));
            assertEquals("8 2 /b c", watchPath(arena, paths, 1));
        }
    }

    private static String decision(MemorySegment memory, int index) {
        CStruct.View view = view(memory, Layouts.DECISION, index);
        return "%d %d %d %d".formatted(view.getInt("fd"), view.getInt("action"), view.getLong("device"),
                view.getLong("inode"));
    }

    private static String watchPath(Recording arena, MemorySegment memory, int index) {
        CStruct.View view = view(memory, Layouts.WATCH_PATH, index);
        return "%d %d %s".formatted(view.getInt("fd"), view.getInt("wd"),
                arena.at(view.getLong("path")).getString(0));
    }

    private static CStruct.View view(MemorySegment memory, CStruct type, int index) {
        return type.at(memory.asByteBuffer(), index * type.size());
    }

    /** Knows what it gave out: an address alone may not be read. */
    private record Recording(Arena arena, List<MemorySegment> given) implements Arena {
        Recording() {
            this(Arena.ofConfined(), new ArrayList<>());
        }

        MemorySegment at(long address) {
            return given.stream().filter(each -> each.address() == address).findFirst().orElseThrow();
        }

        @Override
        public MemorySegment allocate(long bytes, long alignment) {
            MemorySegment segment = arena.allocate(bytes, alignment);
            given.add(segment);
            return segment;
        }

        @Override
        public Scope scope() {
            return arena.scope();
        }

        @Override
        public void close() {
            arena.close();
        }
    }
}
