/* SPDX-License-Identifier: Apache-2.0
 * track_hold() and track_reset(): written and discarded pages come back, others are left alone, again and again.
 */
#include "track/track.h"

#include "check.h"

#define PAGES	2048u
#define HOLE	1500u			/* the first page that is never populated */

int failures;

static int uffd, pagemap;
static uint8_t *region, *content;

static uint8_t *map(uint64_t bytes)
{
	return (uint8_t *)MUST(sys_mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

static uint8_t *page(uint32_t number)
{
	return region + (uint64_t)number * THAW_PAGE_SIZE;
}

static void expect_reset(long pages, const char *after)
{
	long got = track_reset(uffd, pagemap, (uint64_t)region, (uint64_t)page(PAGES), content);
	uint32_t wrong = 0;

	CHECK(got == pages, "%s: %ld pages came back, not %ld", after, got, pages);
	for (uint32_t i = 0; i < PAGES; i++)
		wrong += memcmp(page(i), content + (uint64_t)i * THAW_PAGE_SIZE, THAW_PAGE_SIZE) != 0;
	CHECK(wrong == 0, "%s: %u pages have other bytes", after, wrong);
}

static void write_pages(uint32_t first, uint32_t last, uint32_t step)
{
	for (uint32_t i = first; i <= last; i += step)
		page(i)[(i * 37) % THAW_PAGE_SIZE] ^= 0xff;
}

static void begin(int advice)
{
	uint8_t *all = map((PAGES + 1024) * (uint64_t)THAW_PAGE_SIZE);

	region = (uint8_t *)align_up((uint64_t)all, 512 * THAW_PAGE_SIZE);
	MUST(sys_madvise((uint64_t)region, PAGES * (uint64_t)THAW_PAGE_SIZE, advice));
	memset(content, 0, PAGES * (uint64_t)THAW_PAGE_SIZE);
	for (uint64_t i = 0; i < HOLE * (uint64_t)THAW_PAGE_SIZE; i++)
		content[i] = (uint8_t)(i * 31 + (i >> 12));
	memcpy(region, content, HOLE * (uint64_t)THAW_PAGE_SIZE);
	MUST(track_hold(uffd, (uint64_t)region, (uint64_t)page(PAGES)));
}

/* Right after track_hold(), as one huge page where it may be one. */
static void a_huge_page_comes_back(void)
{
	MUST(sys_madvise((uint64_t)page(0), 512 * THAW_PAGE_SIZE, MADV_DONTNEED));
	expect_reset(512, "a huge page discarded");
	write_pages(513, 513, 1);
	expect_reset(1, "a page of a huge page written");
}

static void written_pages_come_back(void)
{
	expect_reset(0, "nothing");
	write_pages(0, 0, 1);
	write_pages(10, 19, 1);
	expect_reset(11, "a run written");
	expect_reset(0, "nothing again");
	write_pages(1, HOLE - 1, 2);		/* more ranges than one scan tells */
	expect_reset(HOLE / 2, "every other page written");
	write_pages(0, HOLE - 1, 1);
	expect_reset(HOLE, "all written");
	write_pages(HOLE - 1, HOLE - 1, 1);
	write_pages(3, 3, 1);
	expect_reset(2, "two far apart");
}

static void discarded_pages_come_back(void)
{
	MUST(sys_madvise((uint64_t)page(40), 7 * THAW_PAGE_SIZE, MADV_DONTNEED));
	expect_reset(7, "seven discarded");
	MUST(sys_madvise((uint64_t)page(512), 512 * THAW_PAGE_SIZE, MADV_DONTNEED));
	CHECK(page(600)[0] == 0, "not discarded");
	write_pages(601, 602, 1);
	expect_reset(512, "a page table's pages discarded, read and written");
	MUST(sys_madvise((uint64_t)page(0), 512 * THAW_PAGE_SIZE, MADV_DONTNEED));
	expect_reset(512, "a whole page table discarded");
	expect_reset(0, "nothing after that");
}

static void holes_are_left_alone(void)
{
	CHECK(page(HOLE + 5)[0] == 0, "not a zero page");
	expect_reset(0, "a hole read");
	write_pages(HOLE + 8, HOLE + 9, 1);
	expect_reset(2, "a hole written");
	write_pages(HOLE + 8, HOLE + 8, 1);
	expect_reset(1, "a hole written again");
}

/* What is not the region's is not touched. */
static void neighbours_stay(void)
{
	write_pages(5, 8, 1);
	CHECK(track_reset(uffd, pagemap, (uint64_t)page(6), (uint64_t)page(8), content + 6 * THAW_PAGE_SIZE) == 2, "not 2");
	CHECK(memcmp(page(5), content + 5 * THAW_PAGE_SIZE, THAW_PAGE_SIZE) != 0, "page 5 came back");
	CHECK(memcmp(page(8), content + 8 * THAW_PAGE_SIZE, THAW_PAGE_SIZE) != 0, "page 8 came back");
	expect_reset(2, "the neighbours");
}

static void without_a_region(void)
{
	uint64_t start = (uint64_t)region;

	MUST(sys_munmap(start, PAGES * (uint64_t)THAW_PAGE_SIZE));
	CHECK(track_hold(uffd, start, start + THAW_PAGE_SIZE) < 0, "held");
	CHECK(track_reset(-1, -1, start, start + THAW_PAGE_SIZE, content) < 0, "no error");
}

int main(void)
{
	uint32_t mode;
	const int advices[] = { MADV_NOHUGEPAGE, MADV_HUGEPAGE };

	uffd = uffd_open(UFFD_FEATURE_WP_ASYNC | UFFD_FEATURE_WP_UNPOPULATED | UFFD_FEATURE_PAGEFAULT_FLAG_WP, &mode);
	if (uffd < 0) {
		printf("no userfaultfd with WP_ASYNC: errno %d\n", -uffd);
		return 77;
	}
	pagemap = (int)MUST(sys_open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC));
	content = map(PAGES * (uint64_t)THAW_PAGE_SIZE);
	for (int i = 0; i < 2; i++) {
		begin(advices[i]);
		a_huge_page_comes_back();
		written_pages_come_back();
		discarded_pages_come_back();
		holes_are_left_alone();
		neighbours_stay();
		without_a_region();
	}
	return failures != 0;
}
