/* SPDX-License-Identifier: Apache-2.0
 * The order in which blocks are loaded ahead: what a fault waits for goes first, streams give the direction, and both
 * begin a hurry when there is much of it.
 */
#include "image_fixture.h"

#define BLOCKS		6u
#define PAGES		(BLOCKS * BLOCK_PAGES)

int failures;

static uint32_t crcs[PAGES];
static struct load load;

static void begin(int fd)
{
	uint32_t mode;
	int uffd = uffd_open(UFFD_FEATURE_PAGEFAULT_FLAG_WP, &mode);

	MUST(uffd);
	fixture_begin(uffd, mode, fd, PAGES, crcs);
	engine->fault.prefetch = true;
	lock_take(&engine->fault.lock);
}

static uint64_t address(uint32_t block, uint32_t page)
{
	return region.start + block * BLOCK_BYTES + page * (uint64_t)THAW_PAGE_SIZE;
}

static void is_next(uint32_t block)
{
	const uint8_t *states = engine->parent.states + block * BLOCK_PAGES;
	uint64_t missing = engine->fault.missing, there = 0;

	CHECK(ahead_step(&load, &engine->fault.loader), "nothing is missing");
	for (uint32_t page = 0; page < BLOCK_PAGES; page++)
		there += states[page] != PAGE_MISSING && *(uint64_t *)address(block, page) == block * BLOCK_PAGES + page + 1;
	CHECK(there == BLOCK_PAGES && engine->fault.missing == missing - BLOCK_PAGES, "block %u has %lu pages, %lu came",
	      block, there, missing - engine->fault.missing);
}

static void is_last(void)
{
	CHECK(!ahead_step(&load, &engine->fault.loader) && engine->fault.missing == 0, "%lu pages are missing",
	      engine->fault.missing);
}

/* A fault's block, and then those behind it; then from the first one on. */
static void what_is_waited_for_goes_first(int fd)
{
	begin(fd);
	is_next(0);
	CHECK(!ahead_brings(address(0, 7)), "it is there");
	CHECK(ahead_brings(address(4, 100)) && ahead_brings(address(4, 300)) && ahead_brings(address(2, 0)), "missing");
	is_next(4);
	is_next(2);
	CHECK(!ahead_brings(address(4, 100)) && !ahead_brings(region.end), "not missing");
	is_next(3);
	is_next(5);
	is_next(1);
	is_last();
}

/* One thread stays off the block that the other one is at, wherever it stands. */
static void two_threads_take_two_blocks(int fd)
{
	begin(fd);
	engine->fault.ahead.under_way[0] = address(0, 0);
	CHECK(ahead_brings(address(0, 5)), "the other one brings it");
	is_next(1);
	ahead_turn(address(4, 0), true);
	engine->fault.ahead.under_way[0] = address(3, 0);
	is_next(2);
	is_next(0);
	is_next(4);
	is_next(5);
	CHECK(!ahead_step(&load, &engine->fault.loader) && engine->fault.missing == BLOCK_PAGES, "%lu pages are missing",
	      engine->fault.missing);
}

/* A page of it is there: it cannot be moved in whole, and is not waited for. */
static void what_is_begun_is_not_waited_for(int fd)
{
	begin(fd);
	engine->parent.states[3 * BLOCK_PAGES + 9] = PAGE_DROPPED;
	CHECK(!ahead_brings(address(3, 10)) && engine->fault.ahead.wanted_count == 0, "of a block that is not whole");
}

static void faults_at(uint64_t from, int64_t step, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++, from += (uint64_t)step)
		hurry_if_needed(window_note(from, LOAD_WINDOW_PAGES));
}

/* 2 MiB in order, upwards or downwards. */
static void a_stream_is_a_hurry(int fd)
{
	const int64_t window = LOAD_WINDOW_PAGES * THAW_PAGE_SIZE;

	begin(fd);
	faults_at(address(1, 0), window, 31);
	CHECK(!engine->fault.load_all, "sooner");
	faults_at(address(1, 0) + 31 * (uint64_t)window, window, 1);
	CHECK(engine->fault.load_all && !engine->fault.ahead.down, "not upwards");
	is_next(2);

	begin(fd);
	faults_at(address(4, 0) - (uint64_t)window, -window, 32);
	CHECK(engine->fault.load_all && engine->fault.ahead.down, "not downwards");
	is_next(2);
}

/* At random: when the server does nothing else for a while. Not when it was busy long ago. */
static void a_busy_server_is_a_hurry(int fd)
{
	struct hurry *h;

	begin(fd);
	h = &engine->fault.hurry;
	for (uint32_t i = 0; i < 10; i++) {
		engine->fault.last_fault_ns += 1000000000;
		faults_at(address(i % 2 ? 1 : 4, 16 * i), 0, 1);
		engine->fault.last_fault_ns += 50000000;
		h->busy_ns += 30000000;
		faults_at(address(i % 2 ? 2 : 5, 16 * i), 0, 1);
	}
	CHECK(!engine->fault.load_all, "30 ms in each second");
	engine->fault.last_fault_ns += 40000000;
	h->busy_ns += 15000000;
	faults_at(address(3, 32), 0, 1);
	CHECK(engine->fault.load_all, "45 ms of 90");
}

int main(void)
{
	int fd = fixture_make_file(PAGES, crcs);

	what_is_waited_for_goes_first(fd);
	two_threads_take_two_blocks(fd);
	what_is_begun_is_not_waited_for(fd);
	a_stream_is_a_hurry(fd);
	a_busy_server_is_a_hurry(fd);
	return failures != 0;
}
