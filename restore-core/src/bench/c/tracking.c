/* SPDX-License-Identifier: Apache-2.0
 * What dirty tracking costs: protecting, the first write to a protected page, and finding what was written. By the
 * functions that a checkpoint calls.
 */
#include "bench.h"

#include "track/track.h"

#define RANGES		512u
#define PIECE_BYTES	(64u << 20)
#define PAGES_PER_GB	(1u << 18)

struct tracking {
	uint64_t arm_ns, again_ns, clean_ns, piece_ns, scattered_ns, worst_ns, write_ns;
	uint64_t huge_arm_ns, huge_clean_ns, huge_piece_ns;
};

static uint64_t written;

static uint64_t scan(int pagemap, uint64_t start, uint64_t end)
{
	struct page_region ranges[RANGES];
	uint64_t begin = host_now();

	written = 0;
	for (uint64_t at = start; at < end;) {
		long found = must(track_scan(pagemap, &at, end, false, ranges, RANGES), "PAGEMAP_SCAN");

		for (long i = 0; i < found; i++)
			if (ranges[i].categories & PAGE_IS_WRITTEN)
				written += (ranges[i].end - ranges[i].start) >> THAW_PAGE_SHIFT;
	}
	return host_now() - begin;
}

static uint64_t protect(int uffd, uint64_t start, uint64_t end)
{
	uint64_t begin = host_now();

	must(uffd_protect(uffd, start, end), "UFFDIO_WRITEPROTECT");
	return host_now() - begin;
}

static uint64_t write_pages(uint64_t start, uint64_t end, uint64_t every)
{
	uint64_t begin = host_now();

	for (uint64_t at = start; at < end; at += every * THAW_PAGE_SIZE)
		*(volatile uint64_t *)at += 1;
	return host_now() - begin;
}

static uint64_t scan_for(int pagemap, uint64_t start, uint64_t end, uint64_t expected)
{
	uint64_t ns = scan(pagemap, start, end);

	if (written != expected)
		host_fail("the scan found %lu written pages, not %lu", written, expected);
	return ns;
}

struct tracked {
	uint64_t start, end, piece;
	int pagemap, uffd;
};

static uint64_t arm(struct tracked *ret, int advice)
{
	uint64_t bytes = options.pages * THAW_PAGE_SIZE, begin;
	uint32_t mode;

	ret->start = map_region(bytes, HUGE_BYTES);
	ret->end = ret->start + bytes;
	ret->piece = bytes < PIECE_BYTES ? bytes : PIECE_BYTES;
	ret->pagemap = (int)must(sys_open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC), "pagemap");
	ret->uffd = (int)must(uffd_open(UFFD_FEATURE_WP_ASYNC | UFFD_FEATURE_WP_UNPOPULATED
					| UFFD_FEATURE_PAGEFAULT_FLAG_WP, &mode), "userfaultfd");
	sys_madvise(ret->start, bytes, advice);
	write_pages(ret->start, ret->end, 1);
	begin_loaded(ret->start, options.pages);
	begin = host_now();
	must(uffd_register(ret->uffd, ret->start, ret->end, UFFDIO_REGISTER_MODE_WP), "UFFDIO_REGISTER");
	protect(ret->uffd, ret->start, ret->end);
	return host_now() - begin;
}

static void measure(void *data)
{
	struct tracking *t = data;
	struct tracked m;

	t->arm_ns = arm(&m, MADV_NOHUGEPAGE);
	t->clean_ns = scan_for(m.pagemap, m.start, m.end, 0);
	t->write_ns = write_pages(m.start, m.start + m.piece, 1) * (options.pages / (m.piece >> THAW_PAGE_SHIFT));
	t->piece_ns = scan_for(m.pagemap, m.start, m.end, m.piece >> THAW_PAGE_SHIFT);
	t->again_ns = protect(m.uffd, m.start, m.end);
	write_pages(m.start, m.end, 16);
	t->scattered_ns = scan_for(m.pagemap, m.start, m.end, options.pages / 16);
	protect(m.uffd, m.start, m.end);
	write_pages(m.start, m.end, 2);
	t->worst_ns = scan_for(m.pagemap, m.start, m.end, options.pages / 2);
}

/* As fault/block.c and fault/protect.c leave the Java heap. */
static void measure_huge(void *data)
{
	struct tracking *t = data;
	struct tracked m;

	t->huge_arm_ns = arm(&m, MADV_HUGEPAGE);
	t->huge_clean_ns = scan_for(m.pagemap, m.start, m.end, 0);
	write_pages(m.start, m.start + m.piece, 1);
	t->huge_piece_ns = scan_for(m.pagemap, m.start, m.end, m.piece >> THAW_PAGE_SHIFT);
}

void tracking_costs(void)
{
	struct tracking *t = host_shared(sizeof(*t));

	for (uint32_t round = 0; round < options.rounds; round++) {
		const struct {
			const char *name;
			uint64_t *ns;
		} steps[] = {
			{ "register and protect", &t->arm_ns }, { "protect again", &t->again_ns },
			{ "scan, nothing written", &t->clean_ns }, { "scan, 64 MB written in one piece", &t->piece_ns },
			{ "scan, every 16th page written", &t->scattered_ns },
			{ "scan, every 2nd page written", &t->worst_ns },
			{ "the first write to every page", &t->write_ns },
			{ "huge pages: register and protect", &t->huge_arm_ns },
			{ "huge pages: scan, nothing written", &t->huge_clean_ns },
			{ "huge pages: scan, 64 MB written in one piece", &t->huge_piece_ns },
		};

		host_in_child(measure, t);
		host_in_child(measure_huge, t);
		for (uint32_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
			if (is_included(steps[i].name))
				sample("tracking", steps[i].name, "a GB", "ms",
				       (double)*steps[i].ns / 1e6 * PAGES_PER_GB / (double)options.pages);
	}
}
