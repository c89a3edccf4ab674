// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core.hotspot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.thaw.core.Foreign;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Changes the pid of the JVM that runs the tests, and changes it back. */
class RestoredVmTest {
    private static final String LOG_PID = "_ZN14LogDecorations4_pidE";
    private static final String LOG_TEXT = "_ZN13LogFileOutput8_pid_strE";
    private static final String PERF_FILE = "_ZL23backing_store_file_name";
    private static final String ATTACH_PATH = "_ZN19PosixAttachListener5_pathE";
    private static final String HAS_PATH = "_ZN19PosixAttachListener9_has_pathE";
    private static final long NEW_PID = 2_000_000_000L;

    private final long pid = ProcessHandle.current().pid();
    private final RestoredVm vm = RestoredVm.prepare();

    @AfterEach
    void changeBack() {
        vm.refresh(pid);
    }

    @Test
    void findsEverythingInThisVm() {
        assertEquals(List.of(), vm.notes());
    }

    @Test
    void changesEveryPlace() throws Exception {
        String folder = "/tmp/hsperfdata_" + System.getProperty("user.name") + "/";
        assertEquals(folder + pid, perfFile());
        vm.refresh(NEW_PID);
        assertEquals(folder + NEW_PID, perfFile());
        assertEquals((int) NEW_PID, variable(LOG_PID).get(ValueLayout.JAVA_INT, 0));
        assertEquals(Long.toString(NEW_PID), variable(LOG_TEXT).getString(0));
        vm.refresh(pid);
        assertEquals(folder + pid, perfFile());
        assertEquals(Long.toString(pid), variable(LOG_TEXT).getString(0));
    }

    @Test
    void changesTheAttachPathOnlyWhenThereIsOne() throws Exception {
        MemorySegment hasPath = variable(HAS_PATH);
        MemorySegment path = variable(ATTACH_PATH);
        byte before = hasPath.get(ValueLayout.JAVA_BYTE, 0);
        String pathBefore = path.getString(0);
        try {
            hasPath.set(ValueLayout.JAVA_BYTE, 0, (byte) 0);
            vm.refresh(NEW_PID);
            assertEquals(pathBefore, path.getString(0));
            hasPath.set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
            vm.refresh(NEW_PID);
            assertEquals("/tmp/.java_pid" + NEW_PID + ".hs", path.getString(0));
        } finally {
            path.setString(0, pathBefore);
            hasPath.set(ValueLayout.JAVA_BYTE, 0, before);
        }
    }

    @Test
    void leavesAVariableAloneThatDoesNotHoldThePid() throws Exception {
        MemorySegment number = variable(LOG_PID);
        MemorySegment text = variable(LOG_TEXT);
        number.set(ValueLayout.JAVA_INT, 0, 7);
        text.setString(0, "7");
        try {
            RestoredVm.prepare().refresh(NEW_PID);
            assertEquals(7, number.get(ValueLayout.JAVA_INT, 0));
            assertEquals("7", text.getString(0));
        } finally {
            number.set(ValueLayout.JAVA_INT, 0, (int) pid);
            text.setString(0, Long.toString(pid));
        }
    }

    private static String perfFile() throws Exception {
        return Foreign.memory(variable(PERF_FILE).get(ValueLayout.JAVA_LONG, 0), 4096).getString(0);
    }

    private static MemorySegment variable(String name) throws Exception {
        LibjvmSymbols symbols = LibjvmSymbols.read(Libjvm.ofThisProcess(), Set.of(name));
        return Foreign.memory(symbols.address(name).orElseThrow(), symbols.size(name));
    }
}
