/* SPDX-License-Identifier: Apache-2.0
 * Blocks come in by way of staging memory, whole and by huge pages: also after one that had to be copied, as a page was there
 * already, after staging was mapped anew, and where extents are short. Their sums are noted, and nothing is left in staging.
 */
#include "image_fixture.h"

#define BLOCKS		(2 * STAGING_BLOCKS + 2)
#define PAGES		(BLOCKS * BLOCK_PAGES)
#define SHORT		5u			/* this block has an extent for each page */

int failures;

static uint32_t crcs[PAGES];
static struct image_extent extents[BLOCK_PAGES + 2];
static uint64_t content[THAW_PAGE_SIZE / 8];
static struct load load;
static int pagemap;

static const void *content_of(uint32_t page)
{
	content[0] = page + 1;
	return content;
}

static uint64_t address(uint32_t page)
{
	return region.start + page * (uint64_t)THAW_PAGE_SIZE;
}

static void add_extent(uint32_t first, uint32_t pages)
{
	struct image_view *v = &engine->parent.view;

	extents[v->extent_count++] = (struct image_extent){ .start = address(first), .pages = pages, .source_page = first + 1,
							    .first_crc = first };
}

static void make_extents(void)
{
	engine->parent.view.extents = extents;
	engine->parent.view.extent_count = 0;
	add_extent(0, SHORT * BLOCK_PAGES);
	for (uint32_t page = SHORT * BLOCK_PAGES; page < (SHORT + 1) * BLOCK_PAGES; page++)
		add_extent(page, 1);
	add_extent((SHORT + 1) * BLOCK_PAGES, PAGES - (SHORT + 1) * BLOCK_PAGES);
	region.extents = engine->parent.view.extent_count;
}

static bool is_huge(uint64_t start)
{
	struct page_region range;
	struct pm_scan_arg arg = { .size = sizeof(arg), .start = start, .end = start + BLOCK_BYTES, .vec = (uint64_t)&range,
				   .vec_len = 1, .category_mask = PAGE_IS_HUGE, .return_mask = PAGE_IS_HUGE };

	return MUST(sys_ioctl(pagemap, PAGEMAP_SCAN, &arg)) == 1 && range.start == start && range.end == arg.end;
}

/* Memory may be in pieces, or huge pages switched off. */
static bool has_huge_pages(void)
{
	const uint64_t bytes = BLOCKS * BLOCK_BYTES;
	uint64_t memory = (uint64_t)MUST(sys_mmap(0, bytes + BLOCK_BYTES, PROT_READ | PROT_WRITE,
						  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
	uint64_t start = align_up(memory, BLOCK_BYTES);
	bool huge = true;

	sys_madvise(start, bytes, MADV_HUGEPAGE);
	MUST(sys_madvise(start, bytes, MADV_POPULATE_WRITE));
	for (uint64_t at = start; at < start + bytes; at += BLOCK_BYTES)
		huge &= is_huge(at);
	sys_munmap(memory, bytes + BLOCK_BYTES);
	return huge;
}

/* As if another thread had moved it there, and not counted it yet. */
static void put_in_place(uint32_t page)
{
	uint64_t copied;

	MUST(load_copy(address(page), content_of(page), 1, &copied));
}

/* mincore(2) */
static uint32_t count_staged(void)
{
	static uint8_t present[STAGING_BLOCKS * BLOCK_PAGES];
	uint32_t count = 0;

	MUST(SYSCALL3(__NR_mincore, engine->fault.loader.staging->memory, sizeof(present) * THAW_PAGE_SIZE, present));
	for (uint32_t i = 0; i < sizeof(present); i++)
		count += present[i] & 1;
	return count;
}

static void expect_in_place(uint32_t block)
{
	const struct fault_state *f = &engine->fault;
	uint64_t right = 0, summed = 0;

	for (uint32_t page = block * BLOCK_PAGES; page < (block + 1) * BLOCK_PAGES; page++) {
		right += engine->parent.states[page] != PAGE_MISSING && *(uint64_t *)address(page) == page + 1;
		summed += engine->parent.hashes[page] == page_hash(content_of(page));
	}
	CHECK(right == BLOCK_PAGES && summed == BLOCK_PAGES, "block %u: %lu pages right, %lu sums", block, right, summed);
	CHECK(f->missing == (BLOCKS - 1 - block) * BLOCK_PAGES && f->missing + f->pages_ahead == PAGES,
	      "after block %u %lu pages are missing, %lu came", block, f->missing, f->pages_ahead);
	CHECK(count_staged() == 0, "after block %u %u pages are left in staging", block, count_staged());
}

static void load_block(uint32_t block, bool whole, bool huge_pages)
{
	uint64_t moved = engine->fault.blocks.pages;

	if (!whole)
		put_in_place(block * BLOCK_PAGES + block);
	CHECK(ahead_step(&load, &engine->fault.loader), "nothing is missing");
	expect_in_place(block);
	if (!whole)
		return;
	moved = engine->fault.blocks.pages - moved;
	CHECK(moved == BLOCK_PAGES, "block %u: %lu pages were moved", block, moved);
	CHECK(!huge_pages || is_huge(address(block * BLOCK_PAGES)), "block %u is not a huge page", block);
}

int main(void)
{
	uint32_t mode;
	int uffd = uffd_open(UFFD_FEATURE_PAGEFAULT_FLAG_WP | UFFD_FEATURE_MOVE, &mode);
	bool huge_pages;

	if (uffd < 0) {
		printf("no userfaultfd with UFFDIO_MOVE: errno %d\n", -uffd);
		return 77;
	}
	pagemap = (int)MUST(sys_open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC));
	huge_pages = has_huge_pages();
	if (!huge_pages)
		printf("no huge pages, or not enough: whether blocks are is not looked at\n");
	fixture_begin(uffd, mode, fixture_make_file(PAGES, crcs), PAGES, crcs);
	make_extents();
	if (!engine->fault.loader.staging) {
		printf("no staging: process_vm_readv(2) is forbidden\n");
		return 77;
	}
	lock_take(&engine->fault.lock);
	for (uint32_t block = 0; block < BLOCKS && !failures; block++)
		load_block(block, block % 4 != 3, huge_pages);
	return failures != 0;
}
