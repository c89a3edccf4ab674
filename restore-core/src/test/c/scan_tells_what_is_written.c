/* SPDX-License-Identifier: Apache-2.0
 * track_scan() of memory that the engine has loaded: page by page it says what is clean, what is written and what is gone, whatever
 * the engine knows of it.
 */
#include "fault/fault.h"
#include "track/track.h"

#include "check.h"

#define TABLE_PAGES	512u
#define PIECE_PAGES	(8u * TABLE_PAGES)	/* that the scan takes at once */
#define PAGES		(20u * TABLE_PAGES)
#define TOUCHED_PAGES	(18u * TABLE_PAGES)	/* the rest has no page tables */
#define MOST_RANGES	64u

int failures;

enum content { GONE, CLEAN, WRITTEN };

static struct image_header header;
static struct image_region region;
static struct image_extent extents[2];
static uint8_t expected[PAGES], found[PAGES];
static int uffd, pagemap;

static uint8_t *page(uint32_t number)
{
	return (uint8_t *)region.start + (uint64_t)number * THAW_PAGE_SIZE;
}

/* Present, protected, and loaded from two extents with a page between them that the image did not have. */
static void begin(int advice)
{
	long memory = sys_mmap(0, (PAGES + PIECE_PAGES) * (uint64_t)THAW_PAGE_SIZE, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	const uint32_t middle = 3 * TABLE_PAGES + 77;
	struct image_view *v;

	MUST(memory);
	engine = engine_new(ZONE_MEMORY);
	MUST(engine ? 0 : -ENOMEM);
	v = &engine->parent.view;
	region = (struct image_region){ .start = align_up((uint64_t)memory, PIECE_PAGES * THAW_PAGE_SIZE), .kind = REGION_ANON };
	region.end = (uint64_t)page(PAGES);
	extents[0] = (struct image_extent){ .start = region.start, .pages = middle };
	extents[1] = (struct image_extent){ .start = (uint64_t)page(middle + 1), .pages = TOUCHED_PAGES - middle - 1, .first_crc = middle };
	header.heap_start = region.start, header.heap_end = region.end;
	v->header = &header;
	v->regions = &region, v->region_count = 1;
	v->extents = extents, v->extent_count = 2;
	v->crc_count = TOUCHED_PAGES - 1;
	engine->parent.states = (uint8_t *)zone_map(&engine->zone_next, PAGES);
	engine->parent.valid = true;
	engine->parent.meta = 1;
	engine->fault.events = true;
	memset(engine->parent.states, PAGE_LOADED, TOUCHED_PAGES - 1);
	MUST(sys_madvise(region.start, region.end - region.start, advice));
	for (uint32_t i = 0; i < TOUCHED_PAGES; i++)
		*page(i) = 1;
	MUST(uffd_register(uffd, region.start, region.end, UFFDIO_REGISTER_MODE_WP));
	MUST(uffd_protect(uffd, region.start, (uint64_t)page(TOUCHED_PAGES)));
	memset(expected, GONE, PAGES);
	memset(expected, CLEAN, TOUCHED_PAGES);
}

static void expect(const char *when, uint32_t ranges_at_once)
{
	struct page_region ranges[MOST_RANGES];
	uint32_t wrong = 0, first = 0;

	memset(found, GONE, PAGES);
	for (uint64_t at = region.start; at < region.end;) {
		long count = MUST(track_scan(pagemap, &at, region.end, false, ranges, ranges_at_once));

		for (long i = 0; i < count; i++)
			for (uint64_t a = ranges[i].start; a < ranges[i].end; a += THAW_PAGE_SIZE)
				found[(a - region.start) >> THAW_PAGE_SHIFT] = ranges[i].categories & PAGE_IS_WRITTEN ? WRITTEN : CLEAN;
	}
	for (uint32_t i = 0; i < PAGES; i++)
		if (found[i] != expected[i] && !wrong++)
			first = i;
	CHECK(wrong == 0, "%s, %u ranges at once: %u pages, the first %u is %u, not %u", when, ranges_at_once, wrong, first,
	      found[first], expected[first]);
}

static void expect_all(const char *when)
{
	expect(when, MOST_RANGES);
	expect(when, 3);
	expect(when, 1);
}

static void write_pages(uint32_t first, uint32_t last, uint32_t step)
{
	for (uint32_t i = first; i <= last; i += step) {
		*page(i) = 2;
		expected[i] = WRITTEN;
	}
}

/* As an application does; in the heap, and where events are read, the engine notes it. */
static void discard(uint32_t first, uint32_t pages)
{
	bool noted = engine->fault.events && header.heap_start;

	MUST(sys_madvise((uint64_t)page(first), pages * (uint64_t)THAW_PAGE_SIZE, MADV_DONTNEED));
	for (uint32_t i = first; i < first + pages; i++) {
		const struct image_extent *e = extent_at((uint64_t)page(i));

		expected[i] = GONE;
		if (e && noted)
			engine->parent.states[e->first_crc + (((uint64_t)page(i) - e->start) >> THAW_PAGE_SHIFT)] = PAGE_DROPPED;
	}
}

/* New memory in its place, which nobody has registered. */
static void map_over(uint32_t first, uint32_t pages)
{
	discard(first, pages);
	MUST(sys_mmap((uint64_t)page(first), pages * (uint64_t)THAW_PAGE_SIZE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
}

/* `huge`: where nothing is a write makes a huge page, and all of it is new. */
static void everything(const char *what, bool huge)
{
	expect_all("nothing");
	write_pages(5, 5, 1);
	write_pages(2 * TABLE_PAGES - 3, 2 * TABLE_PAGES + 3, 1);
	write_pages(TOUCHED_PAGES - 1, TOUCHED_PAGES - 1, 1);
	expect_all("some");
	write_pages(4 * TABLE_PAGES, 6 * TABLE_PAGES, 2);
	expect_all("every other one");
	write_pages(3 * TABLE_PAGES + 70, 3 * TABLE_PAGES + 80, 1);
	expect_all("around the page that the image did not have");
	discard(100, 3);
	expect_all("pages gone");
	map_over(9 * TABLE_PAGES, TABLE_PAGES);
	expect_all("mapped over");
	discard(10 * TABLE_PAGES, TABLE_PAGES);
	expect_all("a page table gone");
	discard(12 * TABLE_PAGES, 3 * TABLE_PAGES);
	if (huge)
		write_pages(13 * TABLE_PAGES, 14 * TABLE_PAGES - 1, 1);
	else
		write_pages(13 * TABLE_PAGES + 9, 13 * TABLE_PAGES + 9, 1);
	expect_all(what);
}

int main(void)
{
	uint32_t mode;

	pagemap = (int)MUST(sys_open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC));
	uffd = (int)MUST(uffd_open(UFFD_FEATURE_WP_ASYNC | UFFD_FEATURE_WP_UNPOPULATED | UFFD_FEATURE_PAGEFAULT_FLAG_WP, &mode));
	begin(MADV_NOHUGEPAGE);
	everything("small pages", false);
	begin(MADV_HUGEPAGE);
	everything("huge pages", true);
	begin(MADV_NOHUGEPAGE);
	engine->fault.events = false;
	everything("without events", false);
	begin(MADV_NOHUGEPAGE);		/* as by MADV_FREE: what is loaded is gone, and no event has told */
	header.heap_start = header.heap_end = 0;
	everything("outside the heap", false);
	begin(MADV_NOHUGEPAGE);
	engine->parent.valid = false;
	everything("without a parent", false);
	return failures != 0;
}
