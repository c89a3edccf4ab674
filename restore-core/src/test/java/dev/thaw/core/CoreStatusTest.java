// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class CoreStatusTest {
    private static final int HISTOGRAM = Layouts.STATUS.offset("fault_histogram");

    private final ByteBuffer memory = ByteBuffer.allocate(Layouts.STATUS.size())
            .order(ByteOrder.LITTLE_ENDIAN);
    private final CStruct.View status = Layouts.STATUS.at(memory, 0);

    @Test
    void printsALineForEachValue() {
        status.putInt("restored", 1).putInt("uffd_mode", 1).putInt("tracking", 1).putInt("prefetch", 1)
                .putInt("set_rounds", 2).putInt("recording", 1).putLong("set_pages", 88)
                .putLong("pages_total", 1000).putLong("pages_first", 100).putLong("pages_demand", 200)
                .putLong("pages_ahead", 300).putLong("pages_by_blocks", 250).putLong("pages_untracked", 50)
                .putLong("pages_dropped", 4).putLong("pages_missing", 396)
                .putLong("pages_zero", 5).putLong("faults", 100).putLong("fault_ns_total", 1_234_000)
                .putLong("fault_ns_max", 250_500).putLong("retries", 2).putLong("disk_reads", 7).putLong("overtaken", 9).putLong("injected", 11)
                .putLong("cpu_limit", 150).putLong("limit_pauses", 3).putLong("fault_pauses", 6).putLong("dirty_pages", 77)
                .putLong("restore_ns", 20_460_000)
                .putString("parent_path", "/d/0001".getBytes(StandardCharsets.US_ASCII));
        memory.putLong(HISTOGRAM + 3 * Long.BYTES, 60);
        memory.putLong(HISTOGRAM + 5 * Long.BYTES, 38);
        memory.putLong(HISTOGRAM + 8 * Long.BYTES, 2);
        assertEquals("""
                restored: yes
                userfaultfd: user-mode only
                prefetch: on
                all loaded: no
                working set pages: 88
                working set rounds: 2
                working set recording: yes
                pages total: 1000
                pages loaded first: 100
                loaded on demand: 200
                loaded ahead: 300
                loaded by huge pages: 250
                to be write-protected: 50
                zero: 5
                dropped: 4
                missing: 396
                faults: 100
                fault latency mean us: 12.3
                fault latency p50 us: 8
                fault latency p99 us: 256
                fault latency max us: 250.5
                fault retries: 2
                faults from disk: 7
                faults beside a wait for the disk: 9
                faults injected: 11
                loader pauses for faults: 6
                cpu limit percent: 150
                loader pauses for the cpu limit: 3
                dirty since last checkpoint: 77
                parent snapshot: /d/0001
                restore ms: 20.5
                all loaded ms: 0.0
                """, StatusReader.read(status).toText());
    }

    @Test
    void saysWhatIsNotThere() {
        status.putLong("dirty_pages", CoreStatus.NOT_TRACKED);
        String text = StatusReader.read(status).toText();
        assertTrue(text.contains("dirty since last checkpoint: not tracked\n"), text);
        assertTrue(text.contains("parent snapshot: none\n"), text);
        assertFalse(text.contains("cpu limit"), text);
        assertTrue(text.contains("userfaultfd: not available\n"), text);
        assertTrue(text.contains("fault latency p99 us: 0\n"), text);
    }
}
