// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.thaw.core.DescriptorDecision.Action;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayoutsTest {
    @TempDir
    private Path folder;

    @Test
    void structsAreThoseOfThawH() throws Exception {
        COffsets.assertSame("thaw.h", Layouts.ALL, folder);
    }

    @Test
    void enumsHaveAsManyConstantsAsThoseOfThawH() throws Exception {
        String values = COffsets.values("thaw.h", List.of("STEP_COUNT", "REFUSE_COUNT", "FULL_CHAIN_LONG + 1",
                "UFFD_FULL + 1", "THAW_MAX_REFUSALS", "THAW_KEEP_RUNNING", "THAW_FULL", "THAW_CHECK_ONLY",
                "THAW_CAME_BACK", "sizeof(struct thaw_identity)", "ACTION_COUNT", "TID_PLACE_COUNT"), folder);
        assertEquals("""
                STEP_COUNT %d
                REFUSE_COUNT %d
                FULL_CHAIN_LONG + 1 %d
                UFFD_FULL + 1 %d
                THAW_MAX_REFUSALS %d
                THAW_KEEP_RUNNING %d
                THAW_FULL %d
                THAW_CHECK_ONLY %d
                THAW_CAME_BACK %d
                sizeof(struct thaw_identity) %d
                ACTION_COUNT %d
                TID_PLACE_COUNT %d""".formatted(Step.values().length, Refusal.Reason.values().length,
                FullReason.values().length, CoreStatus.Userfaultfd.values().length, Layouts.MAX_REFUSALS,
                Layouts.FLAG_KEEP_RUNNING, Layouts.FLAG_FULL, Layouts.FLAG_CHECK_ONLY, Layouts.CAME_BACK,
                Layouts.IDENTITY_BYTES, Action.values().length, TidPlace.Kind.values().length), values);
    }

    @Test
    void constantsStandInTheOrderOfThawH() throws Exception {
        List<String> steps = List.of(Step.values()).stream().map(step -> "STEP_" + step).toList();
        List<String> reasons = List.of(Refusal.Reason.values()).stream().map(reason -> "REFUSE_" + reason).toList();
        List<String> actions = List.of(Action.values()).stream().map(action -> "ACTION_" + action).toList();
        List<String> kinds = List.of(TidPlace.Kind.values()).stream().map(kind -> "TID_" + kind).toList();
        assertEquals(numbered(kinds), COffsets.values("thaw.h", kinds, folder));
        assertEquals(numbered(actions), COffsets.values("thaw.h", actions, folder));
        assertEquals(numbered(steps), COffsets.values("thaw.h", steps, folder));
        assertEquals(numbered(reasons), COffsets.values("thaw.h", reasons, folder));
    }

    private static String numbered(List<String> names) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < names.size(); i++) {
            text.append(i == 0 ? "" : "\n").append(names.get(i)).append(' ').append(i);
        }
        return text.toString();
    }
}
