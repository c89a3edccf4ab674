/* SPDX-License-Identifier: Apache-2.0
 * All state of the engine. It lies in the zone, outside every snapshot, so that a checkpoint can work in it
 * while it writes the rest of the process; libthaw.so's own memory holds
 * the pointer to it, and what no checkpoint changes.
 */
#ifndef THAW_ENGINE_H
#define THAW_ENGINE_H

#include "engine/lock.h"
#include "engine/zone.h"
#include "image/identity.h"
#include "image/view.h"
#include "quiesce/park.h"
#include "sys/memory.h"
#include "thaw.h"

#define ENGINE_STACK_BYTES	(256u << 10)
#define ENGINE_MAX_FDS		80
#define LOAD_WINDOW_PAGES	16u		/* read around a fault: 64 KiB, up to the next where they follow each other */
#define AHEAD_WINDOW_PAGES	64u		/* read ahead of use: 256 KiB */
#define BLOCK_PAGES		512u		/* a huge page, fault/block.c */
#define BLOCK_BYTES		((uint64_t)BLOCK_PAGES * THAW_PAGE_SIZE)

/* What is known of one stored page of the image; one byte each, index as in SECTION_CRCS. */
enum page_state {
	PAGE_MISSING,			/* still only in the snapshot */
	PAGE_LOADED,
	PAGE_UNTRACKED,			/* loaded, to be write-protected yet: counts as written until then */
	PAGE_DROPPED,			/* unmapped, discarded or moved: what is there now is not the image's */
};

/* The snapshot that this process equals but for the pages written since. */
struct parent {
	bool valid;			/* a delta against it is possible */
	bool lost;			/* tracking started anew for a snapshot that was then not completed */
	uint32_t number;
	uint64_t generation;		/* counts the changes of what follows */
	uint64_t meta, meta_bytes;	/* the file in zone memory, 0 when there is none */
	struct image_view view;
	uint8_t *states;		/* enum page_state by CRC index */
	uint64_t *hashes;		/* page_hash() of those UNTRACKED, by the same */
	char folder[THAW_PATH_BYTES];	/* DIR */
};

/* The working set, fault/working_set.h. */
struct page_run {
	uint32_t first, pages;		/* indices as in SECTION_CRCS */
};

struct preload {			/* what earlier restores recorded */
	struct page_run *runs;		/* NULL: nothing is */
	uint32_t count;
	uint64_t pages;			/* of all runs */
	uint32_t early;			/* runs loaded before the threads run */
	uint32_t rounds;		/* restores that made it */
};

#define MOST_CPUS	8192u		/* NR_CPUS of Linux on x86-64, at most */

/* Filling before the threads run, shared by two threads: each takes the next piece of each list until it is empty. */
struct filling {
	uint64_t next_chunk, next_stack, next_run;
	uint32_t done;			/* futex: of the two threads */
	uint32_t cpus_bytes;		/* 0: the second one may run anywhere already */
	uint64_t cpus[MOST_CPUS / 64];	/* where it may run afterwards */
};

struct recording {
	uint32_t *log;			/* page indices in the order of their faults; NULL: not recording */
	uint32_t count;
	uint32_t early;			/* entries before the first pause of faults, 0: there was none yet */
	uint32_t urgent;		/* of them: not by background threads */
	uint64_t last_ns;		/* of the last one that was not by a background thread, 0: there was none */
	bool written;			/* the early entries are in the file already */
	int fd;				/* of the file being written, or -1 */
	uint8_t *touched;		/* by page index, so many, for the time of writing; */
	uint64_t pages;
	void *file;			/* the same: its content */
};

struct span {
	uint64_t start, end;
};

/* Threads that start later than the others, restore/background.c. */
#define BACKGROUND_THREADS	64u

struct background {
	uint32_t tids[BACKGROUND_THREADS];
	uint32_t count;
	uint32_t go;			/* futex: 1 when they may run */
	uint64_t from_ns;		/* they may from then on; 0: not known yet */
};

/* A native thread of the engine: no TLS, all signals blocked, never quiesced. */
struct engine_thread {
	uint32_t tid;			/* cleared by the kernel when it ends */
	uint64_t stack;
	uint8_t *buffer;		/* for a piece of AHEAD_WINDOW_PAGES */
	struct staging *staging;	/* of BLOCK_PAGES at a time, fault/staging.c; or NULL */
};

/* Faults whose page data must be waited for, fault/disk.c. */
#define DISK_THREADS	2u
#define DISK_QUEUE	512u

struct disk_queue {
	struct engine_thread threads[DISK_THREADS];
	uint64_t pages[DISK_QUEUE];	/* addresses; a ring */
	uint32_t first, count;
	uint32_t changed;		/* futex: counted up with each entry, and at the end */
	uint32_t started;		/* threads */
	uint32_t reading;		/* threads that are at a read */
	uint64_t reads;			/* served so far */
	uint64_t overtaken;		/* faults served while another waited for its data */
};

/* fault/window.c */
#define STREAMS			8u
struct stream {				/* the last window of faults that follow each other */
	uint64_t start, end;		/* addresses */
	uint64_t length;		/* bytes of all its windows */
	uint32_t pages;
	bool down;
};

struct streams {
	struct stream list[STREAMS];
	uint32_t turn;			/* counts those that were replaced */
};

/* fault/ahead.c */
#define WANTED_BLOCKS	64u
struct ahead {
	uint64_t next;			/* page index where loading goes on, */
	bool down;			/* and whether it does so downwards */
	uint32_t wanted_count;
	uint64_t wanted[WANTED_BLOCKS];	/* first page of blocks that faults wait for: these go first */
	uint64_t under_way[2];		/* addresses of the blocks that the two threads are loading, or 0 */
};

/* fault/hurry.c */
struct hurry {
	uint32_t collecting;		/* 1: a garbage collection is under way */
	uint64_t faults;		/* when it began */
	uint64_t busy_ns;		/* the server has been, with faults */
	uint64_t slot_ns, slot_busy_ns;	/* when that was looked at last, and what it was */
	uint64_t since_ns;
};

/* fault/block.c, fault/protect.c */
struct blocks {
	uint64_t pages;			/* moved in by huge pages so far */
	uint64_t untracked;		/* of them: to be write-protected yet */
	uint32_t protect_now;		/* futex: 1 asks the loader to do that, and moves no more in */
	uint32_t failures;		/* of UFFDIO_MOVE, in a row */
	uint32_t moving;		/* threads that put a block in place */
	bool off;			/* it does not work here */
	bool advice_tried, advised;	/* the heap's spans have MADV_HUGEPAGE, and when all is loaded MADV_NOHUGEPAGE */
};

/* fault/moved.c */
struct moved_page {
	uint64_t index;			/* of its content in SECTION_CRCS */
	uint64_t to;			/* the address where it belongs now */
};

struct moved_pages {
	struct moved_page *entries;	/* room for every page of the image */
	uint64_t count;
};

/* fault/inject.h */
struct injections {
	uint32_t wanted;		/* enum injection */
	uint64_t draws, made;
};

struct fault_state {
	struct lock lock;		/* held: states, sources and uffd registrations stand still */
	int uffd;			/* -1: none */
	uint32_t mode;			/* enum thaw_uffd_mode */
	uint32_t lazy_mode;		/* the same, UFFD_NONE when nothing shall be lazy */
	bool events;			/* the uffd was opened with event features: somebody must read it */
	bool prefetch;
	uint32_t load_all;		/* futex: 1: all is loaded now, whatever prefetch says, and by two threads */
	uint32_t all_loaded;		/* futex: 1 when nothing is missing */
	uint64_t missing;
	int sources[THAW_MAX_SOURCES];	/* fds by index into the parent's sources, -1: closed */
	struct span *spans;		/* registered for MISSING */
	uint64_t span_count;
	struct engine_thread server, loader;
	uint64_t pages_first, pages_demand, pages_ahead, pages_dropped, pages_zero;
	uint64_t faults, fault_ns_total, fault_ns_max, retries;
	uint64_t histogram[32];
	uint64_t last_fault_ns;
	uint64_t no_memory_ns;		/* so long there was no memory for a page, */
	uint64_t no_memory_at_ns;	/* and then; 0: there was some since */
	uint64_t copy_mode;		/* of UFFDIO_COPY: pages come in protected, UFFDIO_COPY_MODE_WP, or 0, untracked */
	uint32_t window;		/* pages read around a fault */
	uint64_t record_ns;		/* how long the working set is recorded, from the start of the threads; 0: not */
	uint64_t ahead_after_ns;	/* from the start of the threads: nothing is loaded ahead sooner, */
	uint64_t ahead_from_ns;		/* the same on CLOCK_MONOTONIC; unless all is asked for */
	struct filling filling;
	struct preload preload;
	struct recording recording;
	struct background background;
	struct disk_queue disk;
	struct moved_pages moved;
	struct streams streams;
	struct ahead ahead;
	struct hurry hurry;
	struct blocks blocks;
	uint32_t cpu_limit;		/* of the control group, in hundredths of a processor; 0: none */
	uint64_t limit_pauses;		/* that the loader made for it, */
	uint64_t fault_pauses;		/* and because faults came */
	struct injections injections;
	uint64_t start_ns, restored_ns, loaded_ns;
};

struct engine {
	uint64_t zone_next;
	uint64_t stack_top;		/* a checkpoint's own stack */
	uint32_t busy;			/* 1: a checkpoint is under way */
	uint32_t came_back;		/* 1 from the restore until the checkpointing thread has seen it */
	uint32_t restored;		/* 1: this process was restored */
	struct quiesce quiesce;
	struct parent parent;
	struct fault_state fault;
	struct file_identity *identities;
	uint64_t identity_count;
	char attach_prefix[40];		/* "/tmp/.java_pid<pid>" */
};

/* What a restored process needs again: in libthaw.so's memory, written only while no checkpoint runs. */
struct engine_saved {
	struct thaw_setup setup;
	uint64_t tls_module, tls_offset;	/* where libjvm keeps Thread*: dtv slot, bytes into the block */
	struct kernel_sigaction previous;	/* who had SIGTRAP before */
	struct thaw_pid_place pid_places[THAW_MAX_PID_PLACES];
	uint64_t pid_place_count;
	struct thaw_tid_place tid_places[THAW_MAX_TID_PLACES];
	uint64_t tid_place_count;
};
extern struct engine_saved engine_saved;

/* A new engine in the zone; NULL when there is no memory. */
struct engine *engine_new(uint64_t zone_next);

/* libthaw.so's other variable. Volatile: a restore changes it under the checkpointing thread's feet. */
extern struct engine *volatile engine;

static inline uint64_t now_ns(int clock)
{
	struct timespec t;

	sys_clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

#endif
