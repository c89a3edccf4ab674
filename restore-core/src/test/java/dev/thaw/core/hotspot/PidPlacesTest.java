// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core.hotspot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.thaw.core.Foreign;
import dev.thaw.core.PidPlace;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Changes the pid of the JVM that runs the tests, and changes it back. */
class PidPlacesTest {
    private static final String LOG_PID = "_ZN14LogDecorations4_pidE";
    private static final String LOG_TEXT = "_ZN13LogFileOutput8_pid_strE";
    private static final String PERF_FILE = "_ZL23backing_store_file_name";
    private static final String ATTACH_PATH = "_ZN19PosixAttachListener5_pathE";
    private static final String HAS_PATH = "_ZN19PosixAttachListener9_has_pathE";

    private final long pid = ProcessHandle.current().pid();

    @Test
    void findsEverythingInThisVm() throws Exception {
        String folder = "/tmp/hsperfdata_" + System.getProperty("user.name") + "/";
        PidPlaces found = PidPlaces.find(LibjvmSymbols.ofThisProcess(PidPlaces.SYMBOLS));
        assertEquals(List.of(), found.notes());
        long perfName = variable(PERF_FILE).get(ValueLayout.JAVA_LONG, 0);
        assertEquals(folder + pid, perfFile());
        assertEquals(List.of(
                new PidPlace(variable(ATTACH_PATH).address(), variable(ATTACH_PATH).byteSize(), variable(HAS_PATH).address(),
                        "/tmp/.java_pid", ".hs"),
                PidPlace.text(perfName, 4096, folder), PidPlace.number(variable(LOG_PID).address()),
                PidPlace.text(variable(LOG_TEXT).address(), variable(LOG_TEXT).byteSize(), "")), found.places());
    }

    @Test
    void leavesAVariableAloneThatDoesNotHoldThePid() throws Exception {
        MemorySegment number = variable(LOG_PID);
        MemorySegment text = variable(LOG_TEXT);
        number.set(ValueLayout.JAVA_INT, 0, 7);
        text.setString(0, "7");
        try {
            assertEquals(2, PidPlaces.find(LibjvmSymbols.ofThisProcess(PidPlaces.SYMBOLS)).places().size());
        } finally {
            number.set(ValueLayout.JAVA_INT, 0, (int) pid);
            text.setString(0, Long.toString(pid));
        }
    }

    private static String perfFile() throws Exception {
        return Foreign.memory(variable(PERF_FILE).get(ValueLayout.JAVA_LONG, 0), 4096).getString(0);
    }

    private static MemorySegment variable(String name) throws Exception {
        LibjvmSymbols symbols = LibjvmSymbols.ofThisProcess(Set.of(name));
        return Foreign.memory(symbols.address(name).orElseThrow(), symbols.size(name));
    }
}
