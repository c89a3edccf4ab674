// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

import java.nio.file.Path;
import java.util.Optional;

/** {@code struct thaw_status} as a {@link CoreStatus}. */
final class StatusReader {
    private StatusReader() {}

    static CoreStatus read(CStruct.View status) {
        String parent = status.getString("parent_path", NativeText.CHARSET);
        return new CoreStatus(isSet(status, "restored"),
                CoreStatus.Userfaultfd.values()[status.getInt("uffd_mode")], isSet(status, "tracking"),
                isSet(status, "all_loaded"), isSet(status, "prefetch"),
                parent.isEmpty() ? Optional.empty() : Optional.of(Path.of(parent)), status.getInt("parent_number"),
                workingSet(status), pages(status), faults(status),
                new CoreStatus.Pauses(status.getLong("fault_pauses"), status.getLong("limit_pauses"), status.getLong("cpu_limit")),
                status.getLong("dirty_pages"), status.getLong("restore_ns"), status.getLong("loaded_ns"));
    }

    private static boolean isSet(CStruct.View status, String field) {
        return status.getInt(field) != 0;
    }

    private static CoreStatus.WorkingSet workingSet(CStruct.View status) {
        return new CoreStatus.WorkingSet(status.getLong("set_pages"), status.getInt("set_rounds"),
                isSet(status, "recording"));
    }

    private static CoreStatus.Pages pages(CStruct.View status) {
        return new CoreStatus.Pages(status.getLong("pages_total"), status.getLong("pages_first"),
                status.getLong("pages_demand"), status.getLong("pages_ahead"), status.getLong("pages_by_blocks"),
                status.getLong("pages_untracked"), status.getLong("pages_zero"), status.getLong("pages_dropped"),
                status.getLong("pages_missing"));
    }

    private static CoreStatus.Faults faults(CStruct.View status) {
        long[] histogram = new long[Layouts.HISTOGRAM_BUCKETS];
        for (int i = 0; i < histogram.length; i++) {
            histogram[i] = status.getLong("fault_histogram", i);
        }
        return new CoreStatus.Faults(status.getLong("faults"), status.getLong("fault_ns_total"),
                status.getLong("fault_ns_max"), status.getLong("retries"), status.getLong("disk_reads"),
                status.getLong("overtaken"), status.getLong("injected"), histogram);
    }
}
