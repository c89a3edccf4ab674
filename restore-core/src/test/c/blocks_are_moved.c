/* SPDX-License-Identifier: Apache-2.0
 * Blocks come in by way of staging memory: right and counted, whether they could be moved or, where a page is there already,
 * had to be copied; and nothing is left in staging after any of them, nor after it was mapped anew.
 */
#include "image_fixture.h"

#define BLOCKS		(2 * STAGING_BLOCKS + 2)
#define PAGES		(BLOCKS * BLOCK_PAGES)

int failures;

static uint32_t crcs[PAGES];
static uint64_t content[THAW_PAGE_SIZE / 8];
static struct load load;

static const void *content_of(uint32_t page)
{
	content[0] = page + 1;
	return content;
}

static int make_file(void)
{
	int fd = (int)sys_memfd_create("pages", 0);

	MUST(fd);
	for (uint32_t page = 0; page < PAGES; page++)
		fixture_write_page(fd, page, content_of(page), crcs);
	return fd;
}

/* As if another thread had moved it there, and not counted it yet. */
static void put_in_place(uint32_t page)
{
	uint64_t copied;

	MUST(load_copy(region.start + page * (uint64_t)THAW_PAGE_SIZE, content_of(page), 1, &copied));
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
	uint64_t right = 0;

	for (uint32_t page = block * BLOCK_PAGES; page < (block + 1) * BLOCK_PAGES; page++)
		right += engine->parent.states[page] != PAGE_MISSING
			&& *(uint64_t *)(region.start + page * (uint64_t)THAW_PAGE_SIZE) == page + 1;
	CHECK(right == BLOCK_PAGES, "block %u has %lu right pages", block, right);
	CHECK(engine->fault.missing == (BLOCKS - 1 - block) * BLOCK_PAGES
	      && engine->fault.missing + engine->fault.pages_ahead == PAGES, "after block %u %lu pages are missing, %lu came",
	      block, engine->fault.missing, engine->fault.pages_ahead);
	CHECK(count_staged() == 0, "after block %u %u pages are left in staging", block, count_staged());
}

int main(void)
{
	uint32_t mode;
	int uffd = uffd_open(UFFD_FEATURE_PAGEFAULT_FLAG_WP, &mode);

	if (uffd < 0) {
		printf("no userfaultfd: errno %d\n", -uffd);
		return 77;
	}
	fixture_begin(uffd, mode, make_file(), PAGES, crcs);
	if (!engine->fault.loader.staging) {
		printf("no staging: process_vm_readv(2) is forbidden\n");
		return 77;
	}
	lock_take(&engine->fault.lock);
	for (uint32_t block = 0; block < BLOCKS && !failures; block++) {
		if (block % 4 == 3)
			put_in_place(block * BLOCK_PAGES + block);
		CHECK(ahead_step(&load, &engine->fault.loader), "nothing is missing");
		expect_in_place(block);
	}
	return failures != 0;
}
