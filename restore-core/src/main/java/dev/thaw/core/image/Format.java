// SPDX-License-Identifier: Apache-2.0
package dev.thaw.core.image;

import dev.thaw.core.CStruct;
import java.util.List;

/** The structs and numbers of image/format.h, version 3; FormatTest compares them with what gcc makes of it. */
final class Format {
    static final int PAGE_BYTES = 4096;
    static final long META_MAGIC = 0x3154454d57414854L;
    static final long PAGES_MAGIC = 0x3147415057414854L;
    static final int VERSION = 3;
    static final int ID_BYTES = 16;
    static final long NONE = 0xffffffffL;
    static final int MAX_SOURCES = 1024;
    static final int SIGNALS = 64;

    static final int FLAG_DELTA = 1;
    static final int FLAG_LAZY_OFF = 1 << 1;
    static final int FLAG_PREFETCH_OFF = 1 << 2;

    static final CStruct SPAN = CStruct.named("image_span").u64("offset", "count");

    static final CStruct MM = CStruct.named("image_mm")
            .u64("start_code", "end_code", "start_data", "end_data", "start_brk", "brk", "start_stack", "arg_start",
                    "arg_end", "env_start", "env_end", "auxv")
            .u64Array("auxv_words", 64)
            .u64("auxv_bytes");

    static final CStruct CPU = CStruct.named("image_cpu")
            .u32("leaf1_ecx", "leaf1_edx", "leaf7_ebx", "leaf7_ecx", "leaf7_edx", "leaf7_1_eax", "ext1_ecx",
                    "ext1_edx")
            .u64("xcr0")
            .u32("xsave_bytes", "reserved");

    static final CStruct VDSO = CStruct.named("image_vdso")
            .u64("vvar_start", "vvar_end", "vclock_start", "vclock_end", "vdso_start", "vdso_end")
            .u32("vdso_crc", "reserved");

    static final CStruct HEADER = CStruct.named("image_header")
            .u64("magic")
            .u32("version", "header_bytes")
            .u64("meta_bytes")
            .u32("meta_crc", "flags")
            .bytes("id", ID_BYTES)
            .bytes("parent_id", ID_BYTES)
            .u32("parent_number", "depth")
            .u64("pages_bytes", "own_pages", "realtime_ns", "monotonic_ns")
            .u32("pid", "uid", "highest_fd", "umask", "boot_id", "cwd", "java_home", "agent_jar", "vm_version",
                    "thaw_version")
            .u64("heap_start", "heap_end", "resume_entry", "engine_slot")
            .u32("page_crc_kind", "reserved")
            .struct("mm", MM)
            .struct("cpu", CPU)
            .struct("vdso", VDSO)
            .u64("boottime_ns", "monotonic_offset_ns", "boottime_offset_ns")
            .u32("tags_crc", "score_crc")
            .structArray("sections", SPAN, Section.values().length);

    static final CStruct PAGES_HEADER = CStruct.named("pages_header")
            .u64("magic")
            .u32("version", "crc")
            .bytes("id", ID_BYTES)
            .u64("pages");

    static final CStruct SOURCE = CStruct.named("image_source")
            .bytes("id", ID_BYTES)
            .u32("number", "reserved")
            .u64("pages");

    static final CStruct REGION = CStruct.named("image_region")
            .u64("start", "end")
            .u32("kind", "prot", "flags", "file")
            .u64("offset", "first_extent", "extents");

    static final CStruct EXTENT = CStruct.named("image_extent")
            .u64("start")
            .u32("pages", "source")
            .u64("source_page", "first_crc");

    static final CStruct THREAD = CStruct.named("image_thread")
            .u32("tid", "flags")
            .u64("frame", "fs_base", "gs_base", "tid_address", "robust_list", "robust_bytes", "rseq",
                    "vm_tid_address")
            .bytes("name", 16);

    static final CStruct FILE = CStruct.named("image_file")
            .u64("size", "mtime_s")
            .u32("mtime_ns", "edge_crc", "path", "mode");

    static final CStruct DESCRIPTOR = CStruct.named("image_descriptor")
            .u32("fd", "kind", "open_flags", "options", "same_as", "peer", "file", "path")
            .u64("position", "blob_offset", "blob_bytes")
            .u32("family", "type", "protocol", "backlog", "receive_buffer", "send_buffer", "address_bytes",
                    "mode")
            .bytes("address", 128);

    static final CStruct WATCH = CStruct.named("image_watch")
            .u32("epoll_fd", "target_fd", "events", "reserved")
            .u64("data");

    static final CStruct SIGACTION = CStruct.named("image_sigaction").u64("handler", "flags", "restorer", "mask");

    static final List<CStruct> ALL = List.of(SPAN, MM, CPU, VDSO, HEADER, PAGES_HEADER, SOURCE, REGION, EXTENT,
            THREAD, FILE, DESCRIPTOR, WATCH, SIGACTION);

    /** {@code enum image_section}, in its order, with the size of an entry. */
    enum Section {
        SOURCES, REGIONS, EXTENTS, CRCS, THREADS, FILES, DESCRIPTORS, WATCHES, SIGNALS, STRINGS, BLOBS;

        int entryBytes() {
            return switch (this) {
                case SOURCES -> SOURCE.size();
                case REGIONS -> REGION.size();
                case EXTENTS -> EXTENT.size();
                case CRCS -> Integer.BYTES;
                case THREADS -> THREAD.size();
                case FILES -> FILE.size();
                case DESCRIPTORS -> DESCRIPTOR.size();
                case WATCHES -> WATCH.size();
                case SIGNALS -> SIGACTION.size();
                case STRINGS, BLOBS -> 1;
            };
        }
    }

    private Format() {}
}
