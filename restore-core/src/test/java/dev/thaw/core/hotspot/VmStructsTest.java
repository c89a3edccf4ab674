// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core.hotspot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.thaw.core.CoreException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class VmStructsTest {
    private final VmStructs structs = VmStructs.ofThisVm(Libjvm.ofThisProcess());

    @Test
    void findsTheFieldsThatTheEngineNeeds() {
        long osThread = structs.requireOffset("Thread", "_osthread");
        long threadId = structs.requireOffset("OSThread", "_thread_id");
        assertTrue(osThread > 0 && osThread < 10_000, "Thread::_osthread at " + osThread);
        assertTrue(threadId > 0 && threadId < 1_000, "OSThread::_thread_id at " + threadId);
    }

    @Test
    void tellsStaticFieldsFromOthers() {
        assertTrue(structs.address("Universe", "_collectedHeap").isPresent());
        assertEquals(OptionalLong.empty(), structs.offset("Universe", "_collectedHeap"));
        assertEquals(OptionalLong.empty(), structs.address("Thread", "_osthread"));
    }

    @Test
    void namesAFieldThatIsNotThere() {
        CoreException thrown = assertThrows(CoreException.class, () -> structs.requireOffset("Thread", "_nonsense"));
        assertTrue(thrown.getMessage().contains("Thread::_nonsense"), thrown.getMessage());
    }

    @Test
    void theHeapIsAsLargeAsItsLimit() {
        JavaHeap heap = JavaHeap.ofThisVm(structs);
        long max = Runtime.getRuntime().maxMemory();
        assertTrue(heap.start() % 4096 == 0 && heap.end() - heap.start() >= max,
                "%s, but the limit is %d".formatted(heap, max));
    }

    @Test
    void findsLibjvmByItsFirstMapping() {
        Libjvm found = Libjvm.find(List.of(
                "7f0000000000-7f0000001000 r--p 00000000 08:01 1    /opt/my libs/libfoo.so",
                "7f0000100000-7f0000200000 r--p 00000000 08:01 2    /opt/a jdk/lib/server/libjvm.so",
                "7f0000200000-7f0000300000 r-xp 00100000 08:01 2    /opt/a jdk/lib/server/libjvm.so"));
        assertEquals(new Libjvm(Path.of("/opt/a jdk/lib/server/libjvm.so"), 0x7f0000100000L), found);
        assertThrows(CoreException.class, () -> Libjvm.find(List.of(
                "7f0000100000-7f0000200000 r--p 00000000 08:01 2    /opt/jdk/lib/server/libjvm.so (deleted)")));
    }
}
