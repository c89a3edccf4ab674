/* SPDX-License-Identifier: Apache-2.0
 * Loading ahead leaves the processors to the application: its thread is nice, and pauses after each piece while faults come. Not
 * when all is asked for.
 */
#include "image_fixture.h"
#include "task_file.h"

#define BLOCKS		6u
#define PAGES		(BLOCKS * BLOCK_PAGES)
#define HOUR_NS		3600000000000ull
#define NICE		10

int failures;

static uint32_t crcs[PAGES];

/* The 19th field, proc_pid_stat(5). */
static long nice_of(uint32_t tid)
{
	char text[512];
	const char *at = text;
	bool negative;

	task_file(tid, "/stat", text, sizeof(text));
	while (*at != ')')
		at++;
	for (int field = 2; field < 19; field++, at++)
		while (*at != ' ')
			at++;
	negative = *at == '-';
	at += negative;
	return negative ? -(long)parse_decimal(&at) : (long)parse_decimal(&at);
}

static int open_uffd(uint32_t *ret_mode)
{
	return uffd_open(UFFD_FEATURE_WP_ASYNC | UFFD_FEATURE_WP_UNPOPULATED | UFFD_FEATURE_PAGEFAULT_FLAG_WP
			 | UFFD_FEATURE_EVENT_REMOVE | UFFD_FEATURE_EVENT_UNMAP | UFFD_FEATURE_EVENT_REMAP, ret_mode);
}

/* When a fault was answered last: in 1970, or all the time. */
static void load(const char *when, bool faults_come, bool all_asked_for, uint64_t least, uint64_t most)
{
	struct fault_state *f;
	uint32_t mode, tid;
	int uffd = open_uffd(&mode);

	MUST(uffd);
	fixture_begin(uffd, mode, fixture_make_file(PAGES, crcs), PAGES, crcs);
	f = &engine->fault;
	f->prefetch = true;
	f->last_fault_ns = faults_come ? now_ns(CLOCK_MONOTONIC) + HOUR_NS : 0;
	f->ahead_from_ns = ~0ull;
	fixture_start_loader();
	tid = f->loader.tid;
	for (uint32_t i = 0; i < 1000000 && nice_of(tid) != NICE; i++)
		sys_sched_yield();
	CHECK(nice_of(tid) == NICE, "%s: nice %ld", when, nice_of(tid));
	if (all_asked_for)
		fault_hurry();
	else
		__atomic_store_n(&f->ahead_from_ns, 0, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&f->all_loaded, __ATOMIC_ACQUIRE))
		sys_sched_yield();
	CHECK(f->fault_pauses >= least && f->fault_pauses <= most, "%s: %lu pauses", when, f->fault_pauses);
	CHECK(f->pages_ahead == PAGES, "%s: %lu pages of %u", when, f->pages_ahead, PAGES);
	while (__atomic_load_n(&f->loader.tid, __ATOMIC_ACQUIRE))
		sys_sched_yield();
}

int main(void)
{
	uint32_t mode;
	int uffd = open_uffd(&mode);

	if (uffd < 0 || mode != UFFD_FULL) {
		printf("no userfaultfd for faults of the kernel: errno %d\n", uffd < 0 ? -uffd : 0);
		return 77;
	}
	sys_close(uffd);
	load("no faults", false, false, 0, 0);
	load("while faults come", true, false, BLOCKS, PAGES);
	load("while faults come, all asked for", true, true, 0, 0);
	return failures != 0;
}
