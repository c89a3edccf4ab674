// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core;

import java.util.List;

/** The structs of thaw.h; LayoutsTest compares them with what gcc makes of it. */
final class Layouts {
    private static final int PATH_BYTES = 4096;
    static final int MAX_REFUSALS = 64;
    static final int HISTOGRAM_BUCKETS = 32;

    static final CStruct SETUP = CStruct.named("thaw_setup")
            .u64("bytes", "vm_thread")
            .u32("osthread_offset", "thread_id_offset", "thread_state_offset", "reserved")
            .u64("rseq_offset", "rseq_bytes", "heap_start", "heap_end", "lazy", "prefetch")
            .bytes("java_home", PATH_BYTES)
            .bytes("agent_jar", PATH_BYTES)
            .bytes("vm_version", 512);

    static final CStruct REQUEST = CStruct.named("thaw_request")
            .u64("bytes", "flags", "reply_fd", "quiesce_timeout_ns", "tags", "score", "tags_bytes", "score_bytes")
            .bytes("to", PATH_BYTES)
            .bytes("remove_at_end", PATH_BYTES)
            .u64("decisions", "decision_count", "watch_paths", "watch_path_count");

    static final CStruct DECISION = CStruct.named("thaw_decision")
            .u32("fd", "action")
            .u64("device", "inode");

    static final CStruct WATCH_PATH = CStruct.named("thaw_watch_path")
            .u32("fd", "wd")
            .u64("path");

    static final CStruct REFUSAL = CStruct.named("thaw_refusal")
            .u32("reason", "fd", "pid", "address_bytes")
            .u64("mapping")
            .bytes("local", 128)
            .bytes("remote", 128)
            .bytes("name", 256);

    static final CStruct RESULT = CStruct.named("thaw_result")
            .u64("bytes")
            .u32("outcome", "step", "error", "full_reason")
            .u64("operand")
            .bytes("operand_text", PATH_BYTES)
            .bytes("path", PATH_BYTES)
            .bytes("report", 1024)
            .u32("number", "parent_number")
            .u64("own_pages", "parent_pages", "snapshot_bytes", "pause_ns", "quiesce_ns", "write_ns", "track_ns",
                    "sync_ns")
            .u32("threads", "quiesce_retries", "refusal_count", "reserved")
            .structArray("refusals", REFUSAL, MAX_REFUSALS);

    static final CStruct STATUS = CStruct.named("thaw_status")
            .u64("bytes")
            .u32("restored", "uffd_mode", "tracking", "all_loaded", "prefetch", "parent_number", "set_rounds",
                    "recording")
            .u64("set_pages", "pages_total", "pages_first", "pages_demand", "pages_ahead", "pages_dropped",
                    "pages_missing", "pages_zero", "faults", "fault_ns_total", "fault_ns_max")
            .u64Array("fault_histogram", HISTOGRAM_BUCKETS)
            .u64("pages_by_blocks", "pages_untracked", "retries", "disk_reads", "overtaken", "injected",
                    "cpu_limit", "limit_pauses", "fault_pauses", "dirty_pages", "restore_ns", "loaded_ns")
            .bytes("parent_path", PATH_BYTES);

    static final CStruct PID_PLACE = CStruct.named("thaw_pid_place")
            .u64("address", "bytes", "only_if")
            .u32("is_number")
            .bytes("before", 276)
            .bytes("behind", 16);

    static final CStruct TID_PLACE = CStruct.named("thaw_tid_place")
            .u64("start", "bytes", "mutex")
            .u32("kind")
            .bytes("name", 36);

    static final List<CStruct> ALL = List.of(SETUP, REQUEST, DECISION, WATCH_PATH, PID_PLACE, TID_PLACE, REFUSAL, RESULT, STATUS);

    static final long FLAG_KEEP_RUNNING = 1;
    static final long FLAG_FULL = 1 << 1;
    static final long FLAG_CHECK_ONLY = 1 << 2;

    /** What {@code thaw_checkpoint} returns in the restored process. */
    static final int CAME_BACK = 1;

    /** {@code struct thaw_identity}, all uint64_t. */
    static final long IDENTITY_RESTORES = 0;
    static final long IDENTITY_PID = 8;
    static final long IDENTITY_SALT = 16;
    static final long IDENTITY_START_NS = 24;
    static final long IDENTITY_ARGUMENTS = 32;
    static final long IDENTITY_ENVIRONMENT = 48;
    static final long IDENTITY_RECOVERED = 64;
    static final long IDENTITY_BYTES = 72;

    private Layouts() {}
}
