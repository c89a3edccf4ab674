// SPDX-License-Identifier: Apache-2.0
package dev.thaw.resources;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** HotSpot's own words about its logs are understood. */
class HotSpotLogsTest {
    private static final String OUTPUTS = """
            Log output configuration:
             #0: stdout all=warning uptime,level,tags foldmultilines=false
             #1: stderr all=off uptime,level,tags foldmultilines=false
             #2: file=/absent/gc-%p-%t.log all=off,gc*=info time foldmultilines=false,filecount=3,filesize=1024K,async=false
             #3: file=relative.log all=off,safepoint=info uptime,level,tags foldmultilines=false,filecount=5
            """;

    @Test
    void findsTheFilesOfUnifiedLogging() {
        HotSpotLogs logs = HotSpotLogs.of(OUTPUTS, "");
        assertTrue(logs.contains("/absent/gc-2437-2026-11-21_13-14-53.log"));
        assertTrue(logs.contains(System.getProperty("user.dir") + "/relative.log"));
        assertFalse(logs.contains("/absent/gc-2437-2026-11-21_13-14-53.log.txt"));
        assertFalse(logs.contains("/absent/gc-x-2026-11-21_13-14-53.log"));
        assertFalse(logs.contains("/elsewhere/relative.log"));
        assertFalse(logs.contains("/tmp/hs_c2453_pid2437.log"));
    }

    @Test
    void findsTheFilesOfTheCompilersAndTheVm() {
        String on = """
                     bool LogCompilation                           = true                       {diagnostic} {command line}
                    ccstr LogFile                                  =                            {diagnostic} {default}
                     bool LogVMOutput                              = false                      {diagnostic} {default}
                """;
        HotSpotLogs logs = HotSpotLogs.of("", on);
        assertTrue(logs.contains("/tmp/hs_c2453_pid2437.log"));
        assertTrue(logs.contains(System.getProperty("user.dir") + "/hotspot_pid2437.log"));
        HotSpotLogs named = HotSpotLogs.of("", on.replace("LogFile                                  =   ",
                "LogFile                                  = /x/vm%p.log   "));
        assertTrue(named.contains("/x/vmpid2437.log"));
        assertFalse(HotSpotLogs.of("", on.replace("true ", "false")).contains("/tmp/hs_c2453_pid2437.log"));
    }
}
