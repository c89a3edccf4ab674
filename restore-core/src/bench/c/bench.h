/* SPDX-License-Identifier: Apache-2.0
 * faultbench: what a page fault costs by each way of bringing memory in. docs/faultbench.md explains the tables.
 *
 * It writes tab-separated lines for dev.thaw.apps.FaultBench: "sample TABLE VARIANT COLUMN UNIT VALUE", one for each
 * round, and "note TEXT". It ends with "done", or with status 1 and one line on stderr: wrong bytes, for example.
 */
#ifndef BENCH_H
#define BENCH_H

#include "engine/engine.h"
#include "host.h"

#define HUGE_BYTES	(2u << 20)
#define PAGES_PER_HUGE	(HUGE_BYTES / THAW_PAGE_SIZE)
#define MAX_PER_TABLE	32u

struct options {
	uint64_t pages;			/* of the file */
	uint64_t cold_pages;
	uint32_t rounds;
	uint32_t threads[16], thread_counts;
	uint64_t region_bytes;		/* of an instance that is reset */
	uint64_t dirty_bytes;		/* of it, each time */
	uint32_t resets;		/* in each measurement, over all threads */
	const char *tables;		/* NULL: all */
	const char *only;		/* variants whose name holds this text; NULL: all */
	uint64_t damage;		/* a byte of this page is changed after its checksum was taken; ~0: of none */
	bool unbacked;			/* no back_memory() */
	const char *folder;
};
extern struct options options;

/* The file: a header page, then `pages` pages of which no two words are alike (image.c). */
struct image {
	int fd;
	uint64_t pages;
	uint32_t *crcs;
	uint32_t *order;		/* all page numbers, shuffled */
};
extern struct image image;

void image_make(void);
void image_remember(void);		/* into the page cache: a machine may drop what nobody has read for a while */
void image_open_anew(void);		/* in a child: no readahead state of those before */
bool image_forget(void);		/* out of the page cache; false: it stays there */
uint64_t image_word(uint64_t page, uint32_t word);
/* The page's data into `to`. */
void image_read(uint64_t page, uint64_t pages, void *to);

/* How memory is brought in: sets a region up in this process, and what serves it. The region's address. */
struct setup {
	uint64_t pages;
	bool tracked;
	bool prefetch;			/* Thaw's loader works */
	bool load_all;			/* and does not let faults go first */
	bool recorded;			/* the working set is all pages: loaded before the first access */
	uint32_t window;		/* pages around a fault; 0: as shipped */
};
struct variant {
	const char *name;
	uint64_t (*begin)(const struct setup *s);
	struct setup setup;
	/* Checks, after the clock; `written` pages were written to. Or NULL. */
	void (*after)(uint64_t region, const struct setup *s, uint64_t written);
};
uint64_t begin_mmap(const struct setup *s);
uint64_t begin_read_whole(const struct setup *s);		/* no userfaultfd: all of it, at once */
uint64_t begin_thread(const struct setup *s);		/* userfaultfd, 4 KB */
uint64_t begin_sigbus(const struct setup *s);
uint64_t begin_huge(const struct setup *s);		/* userfaultfd, 2 MB */
uint64_t begin_hugetlb(const struct setup *s);
uint64_t begin_moved(const struct setup *s);
uint64_t begin_thaw(const struct setup *s);
void begin_loaded(uint64_t start, uint64_t pages);	/* an engine that has loaded all of it */
void after_huge_pages(uint64_t region, const struct setup *s, uint64_t written);
void after_thaw(uint64_t region, const struct setup *s, uint64_t written);

uint64_t map_region(uint64_t bytes, uint64_t alignment);
/*
 * A virtual machine may have given its free memory back to the host (free page reporting), and whoever takes it first
 * pays for that. Here nobody shall: before the clock, more memory than the measurement takes is touched and freed.
 */
void back_memory(uint64_t pages);
/* Pages that PAGEMAP_SCAN says are of all these categories. */
uint64_t count_pages(uint64_t start, uint64_t pages, uint64_t categories);
bool hugetlb_reserve(uint64_t pages);	/* false: not possible, a note says why */
void hugetlb_release(void);

/* The tables. */
void touch_warm(void);
void touch_cold(void);
void touch_windows(void);
void reset_loop(void);
void fault_latency(void);
void page_costs(void);
void tracking_costs(void);

bool is_wanted(const char *table);
bool is_included(const char *variant);
void sample(const char *table, const char *variant, const char *column, const char *unit, double value);
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* result >= 0, or the end of the benchmark. */
long must(long result, const char *what);

#endif
