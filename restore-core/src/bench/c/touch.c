/* SPDX-License-Identifier: Apache-2.0
 * One access a page, until all is touched: the experiment of crac-dev, May 2023.
 */
#include "bench.h"

enum pattern { READ_IN_ORDER, READ_AT_RANDOM, WRITE_IN_ORDER, MIXED, PATTERNS };
static const char *const COLUMNS[PATTERNS] = { "read in order", "read at random", "write", "30 % writes" };

#define WORDS		(THAW_PAGE_SIZE / 8)

struct measurement {
	const struct variant *variant;
	enum pattern pattern;
	uint64_t pages;
	bool cold;
	bool first;			/* round: all words are checked */
	uint64_t ns, cpu_ns;
};

static uint32_t word_of(uint64_t page)
{
	return (uint32_t)(page * 7) % WORDS;
}

static bool is_written(enum pattern pattern, uint64_t page)
{
	return pattern == WRITE_IN_ORDER || (pattern == MIXED && page * 2654435761u % 1000 < 300);
}

static uint64_t written_pages(const struct measurement *m)
{
	uint64_t count = 0;

	for (uint64_t page = 0; page < m->pages; page++)
		count += is_written(m->pattern, page);
	return count;
}

/* The word that a page must have now. */
static uint64_t expected(enum pattern pattern, uint64_t page, uint32_t word)
{
	uint64_t stored = image_word(page, word);

	return word == word_of(page) && is_written(pattern, page) ? ~stored : stored;
}

static uint64_t touch_page(uint64_t *region, enum pattern pattern, uint64_t page)
{
	uint32_t word = word_of(page);
	volatile uint64_t *at = region + page * WORDS + word;

	if (is_written(pattern, page)) {
		*at = ~image_word(page, word);
		return 0;
	}
	return *at != image_word(page, word);
}

static uint64_t touch_all(uint64_t *region, const struct measurement *m)
{
	bool random = m->pattern == READ_AT_RANDOM || m->pattern == MIXED;
	uint64_t wrong = 0;

	for (uint64_t i = 0; i < image.pages; i++) {
		uint64_t page = random ? image.order[i] : i;

		if (page < m->pages)
			wrong += touch_page(region, m->pattern, page);
	}
	return wrong;
}

/* After the clock: what was written, and what was not, one word of each page and in the first round all. */
static uint64_t check_all(const uint64_t *region, const struct measurement *m)
{
	uint64_t wrong = 0;

	for (uint64_t page = 0; page < m->pages; page++) {
		uint32_t word = word_of(page), last = m->first ? WORDS : 2;

		for (uint32_t i = 0; i < last; i++, word = (word + 1) % WORDS)
			wrong += region[page * WORDS + word] != expected(m->pattern, page, word);
	}
	return wrong;
}

static void measure(void *data)
{
	struct measurement *m = data;
	struct setup setup = m->variant->setup;
	uint64_t start, cpu, wrong, region;

	if (!m->cold)
		image_remember();
	image_open_anew();
	back_memory(m->cold ? 2 * m->pages : m->pages);	/* the page cache, too */
	setup.pages = m->pages;
	start = now_ns(CLOCK_MONOTONIC);
	cpu = host_cpu_ns();
	region = m->variant->begin(&setup);
	wrong = touch_all((uint64_t *)region, m);
	m->ns = now_ns(CLOCK_MONOTONIC) - start;
	m->cpu_ns = host_cpu_ns() - cpu;
	wrong += check_all((uint64_t *)region, m);
	if (wrong)
		host_fail("%s, %s: %lu words are not what they must be", m->variant->name, COLUMNS[m->pattern], wrong);
	if (m->variant->after)
		m->variant->after(region, &setup, written_pages(m));
}

/* Interleaved: each round has, for every pattern, every variant once, beginning with another. */
static void run_table(const char *table, const struct variant *variants, uint32_t count, uint64_t pages, bool cold,
		      bool has_hugetlb)
{
	struct measurement *m = host_shared(sizeof(*m));

	for (uint32_t round = 0; round < options.rounds; round++) {
		for (uint32_t i = 0; i < PATTERNS * count; i++) {
			const struct variant *v = &variants[(i + round) % count];

			if (!is_included(v->name) || (v->begin == begin_hugetlb && !has_hugetlb))
				continue;
			*m = (struct measurement){ .variant = v, .pattern = i / count, .pages = pages, .cold = cold,
						   .first = round == 0 };
			if (cold && !image_forget())
				host_fail("the file came back into the page cache");
			host_in_child(measure, m);
			sample(table, v->name, COLUMNS[m->pattern], "ms", (double)m->ns / 1e6);
		}
	}
}

void touch_warm(void)
{
	static const struct variant variants[] = {
		{ .name = "mmap, private", .begin = begin_mmap },
		{ .name = "copied by two threads, no userfaultfd", .begin = begin_read_whole, .after = after_huge_pages },
		{ .name = "userfaultfd 4 KB, handler thread", .begin = begin_thread },
		{ .name = "userfaultfd 4 KB, SIGBUS", .begin = begin_sigbus },
		{ .name = "userfaultfd 2 MB, hugetlb", .begin = begin_hugetlb },
		{ .name = "userfaultfd 2 MB, THP staged and moved", .begin = begin_moved, .after = after_huge_pages },
		{ .name = "userfaultfd 2 MB, copied to 4 KB pages", .begin = begin_huge },
		{ .name = "Thaw, on demand, tracked", .begin = begin_thaw, .setup = { .tracked = true },
		  .after = after_thaw },
		{ .name = "Thaw, on demand, untracked", .begin = begin_thaw, .after = after_thaw },
		{ .name = "Thaw, loader, tracked", .begin = begin_thaw, .setup = { .tracked = true, .prefetch = true },
		  .after = after_thaw },
		{ .name = "Thaw, loader, untracked", .begin = begin_thaw, .setup = { .prefetch = true },
		  .after = after_thaw },
		{ .name = "Thaw, loader not yielding, tracked", .begin = begin_thaw,
		  .setup = { .tracked = true, .prefetch = true, .load_all = true }, .after = after_thaw },
		{ .name = "Thaw, loader not yielding, untracked", .begin = begin_thaw,
		  .setup = { .prefetch = true, .load_all = true }, .after = after_thaw },
		{ .name = "Thaw, all recorded, tracked", .begin = begin_thaw,
		  .setup = { .tracked = true, .prefetch = true, .recorded = true }, .after = after_thaw },
		{ .name = "Thaw, all recorded, untracked", .begin = begin_thaw,
		  .setup = { .prefetch = true, .recorded = true }, .after = after_thaw },
	};
	uint32_t count = sizeof(variants) / sizeof(variants[0]);
	bool has_hugetlb = hugetlb_reserve(options.pages);

	run_table("warm", variants, count, options.pages, false, has_hugetlb);
	hugetlb_release();
}

void touch_cold(void)
{
	static const struct variant variants[] = {
		{ .name = "mmap, private", .begin = begin_mmap },
		{ .name = "copied by two threads, no userfaultfd", .begin = begin_read_whole, .after = after_huge_pages },
		{ .name = "userfaultfd 4 KB, handler thread", .begin = begin_thread },
		{ .name = "userfaultfd 4 KB, SIGBUS", .begin = begin_sigbus },
		{ .name = "userfaultfd 2 MB, THP staged and moved", .begin = begin_moved, .after = after_huge_pages },
		{ .name = "userfaultfd 2 MB, copied to 4 KB pages", .begin = begin_huge },
		{ .name = "Thaw, on demand, tracked", .begin = begin_thaw, .setup = { .tracked = true },
		  .after = after_thaw },
		{ .name = "Thaw, loader, tracked", .begin = begin_thaw, .setup = { .tracked = true, .prefetch = true },
		  .after = after_thaw },
		{ .name = "Thaw, loader, untracked", .begin = begin_thaw, .setup = { .prefetch = true },
		  .after = after_thaw },
		{ .name = "Thaw, loader not yielding, tracked", .begin = begin_thaw,
		  .setup = { .tracked = true, .prefetch = true, .load_all = true }, .after = after_thaw },
		{ .name = "Thaw, all recorded, tracked", .begin = begin_thaw,
		  .setup = { .tracked = true, .prefetch = true, .recorded = true }, .after = after_thaw },
	};

	if (!image_forget()) {
		note("no cold table: the file stays in the page cache; use a folder on a disk (--folder)");
		return;
	}
	run_table("cold", variants, sizeof(variants) / sizeof(variants[0]), options.cold_pages, true, false);
}

void touch_windows(void)
{
	static const struct variant variants[] = {
		{ .name = "mmap, private", .begin = begin_mmap },
		{ .name = "on demand, window 4 KB", .begin = begin_thaw, .setup = { .tracked = true, .window = 1 } },
		{ .name = "on demand, window 16 KB", .begin = begin_thaw, .setup = { .tracked = true, .window = 4 } },
		{ .name = "on demand, window 64 to 256 KB (shipped)", .begin = begin_thaw,
		  .setup = { .tracked = true, .window = 16 } },
		{ .name = "on demand, window 128 KB", .begin = begin_thaw, .setup = { .tracked = true, .window = 32 } },
		{ .name = "on demand, window 256 KB", .begin = begin_thaw, .setup = { .tracked = true, .window = 64 } },
	};

	run_table("windows", variants, sizeof(variants) / sizeof(variants[0]), options.pages, false, false);
}
