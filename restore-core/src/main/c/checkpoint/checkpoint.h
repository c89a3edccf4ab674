/* SPDX-License-Identifier: Apache-2.0
 * One checkpoint. Everything here lies in zone memory; from park to release it runs on the engine's stack while
 * no other thread of the application runs, and must not fault on a page that is not loaded.
 */
#ifndef THAW_CHECKPOINT_H
#define THAW_CHECKPOINT_H

#include "engine/engine.h"
#include "image/builder.h"

#define SCAN_RANGES	512u
#define WRITE_RUNS	64u
#define STAGING_PAGES	256u
#define MAPS_BYTES	(16u << 20)

struct vma_flags {			/* VmFlags of /proc/self/smaps, which the plain maps file lacks */
	uint64_t start, end;
	uint32_t flags;			/* enum region_flags */
};

struct page_writer {
	int fd;
	uint64_t next_page;		/* index of the next page in the file */
	uint64_t flushed_page;		/* all before it are written */
	struct iovec runs[WRITE_RUNS];
	uint32_t run_count;
	uint64_t run_pages;
};

struct checkpoint {
	struct thaw_request request;
	struct thaw_result result;
	struct thaw_refusal spare;
	struct builder builder;
	struct image_header header;
	struct page_writer writer;
	int to_fd, partial_fd, meta_fd, pagemap_fd, mem_fd;
	char partial_name[64];
	int engine_fds[THAW_MAX_SOURCES + 16];
	struct vma_flags *vma_flags;
	uint64_t vma_flag_count, vma_flag_capacity;
	char *maps;
	uint8_t *needs_register;	/* by region: populated pages that are not tracked were seen */
	uint64_t mappings;
	struct page_region *scan;	/* SCAN_RANGES */
	uint8_t *staging;		/* STAGING_PAGES */
	bool delta;
	uint32_t source_map[THAW_MAX_SOURCES];	/* parent's source -> ours, THAW_NONE: not used yet */
	uint8_t *meta;			/* the finished metadata */
	uint64_t meta_capacity;
	uint64_t pause_start, pause_end;
	struct parent next;		/* what engine->parent becomes with keep_running */
};

/* The step that failed, for the result; returns false so that callers can return it. */
bool checkpoint_fail(struct checkpoint *c, enum thaw_step step, long error, uint64_t operand, const char *text);

/* maps.c */
bool maps_read_flags(struct checkpoint *c);	/* before the quiesce */
bool maps_capture(struct checkpoint *c);
uint64_t own_library_start(void);
uint64_t own_library_end(void);

/* shared_file.c */
/* The FILES entry of a file mapped to be written; THAW_NONE: it cannot be carried, by another reason where one is set. */
uint32_t shared_file(struct checkpoint *c, int fd, const char *path, const struct stat *st,
		     enum thaw_refusal_reason *ret_reason);
void shared_files_let_go(const struct checkpoint *c);	/* parked, keep_running */
int shared_files_sync(const struct checkpoint *c);

/* pages.c */
bool pages_capture(struct checkpoint *c);
bool pages_finish(struct checkpoint *c);	/* header page; file complete but for fsync */

/* threads.c */
bool threads_find_slot(const struct thaw_setup *setup, uint64_t *ret_module, uint64_t *ret_offset);
bool threads_capture(struct checkpoint *c);

/* process.c */
bool process_capture(struct checkpoint *c);	/* before the quiesce: auxv, vdso sum, CPU, folders */
bool process_capture_parked(struct checkpoint *c);	/* signals, brk, clocks */

/* meta.c */
bool meta_write(struct checkpoint *c);

/* working_set.c */
void working_set_carry(struct checkpoint *c);	/* parked; when the extents are known. Failing it costs nothing */

/* publish.c */
bool publish_open(struct checkpoint *c);
bool publish_commit(struct checkpoint *c);
void publish_discard(struct checkpoint *c);
void publish_remove(const char *path);	/* a file, or a folder of files */

/* parent.c */
uint32_t parent_check(const char *to);		/* enum thaw_full_reason: FULL_NO_REASON when a delta is possible */
bool parent_adopt(struct checkpoint *c);	/* keep_running: this snapshot is the parent now; in the pause */

#endif
