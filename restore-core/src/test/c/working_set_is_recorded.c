/* SPDX-License-Identifier: Apache-2.0
 * Faults become the file DIR/0001/working-set and come back as runs, round after round.
 */
#include "fault/fault.h"
#include "fault/working_set.h"

#include "check.h"

#define PAGES	1000u
#define WORKING_SET	"0001/working-set"

int failures;

static struct image_header header;

/* As a restore of snapshot 1 in the working directory begins. */
/* All memory was mapped at the start: zone_map() moves zone_next. */
static void finish(void)
{
	uint64_t next = engine->zone_next;

	record_finish();
	CHECK(engine->zone_next == next, "%lx, at the start %lx", engine->zone_next, next);
}

static void begin(void)
{
	engine = engine_new(ZONE_MEMORY);
	MUST(engine ? 0 : -ENOMEM);
	MUST(sys_getcwd(engine->parent.folder, sizeof(engine->parent.folder)));
	engine->parent.number = 1;
	engine->parent.view.header = &header;
	engine->parent.view.crc_count = PAGES;
	engine->fault.window = LOAD_WINDOW_PAGES;
	engine->fault.record_ns = 1000000000;
	preload_read();
	record_start();
}

static bool is_written(void)
{
	struct stat st;

	return sys_stat(WORKING_SET, &st) == 0;
}

static void fault(uint32_t first, uint32_t last)
{
	for (uint32_t page = first; page <= last; page++)
		record_fault(page, false);
}

static void pause_faults(void)
{
	engine->fault.recording.last_ns -= RECORD_PAUSE_NS + 1;
}

static void check_run(uint32_t i, uint32_t first, uint32_t pages)
{
	const struct preload *p = &engine->fault.preload;

	CHECK(i < p->count && p->runs[i].first == first && p->runs[i].pages == pages, "run %u of %u is %u+%u, not %u+%u",
	      i, p->count, i < p->count ? p->runs[i].first : 0, i < p->count ? p->runs[i].pages : 0, first, pages);
}

static void check_set(uint32_t rounds, uint32_t runs, uint32_t early, uint64_t pages)
{
	const struct preload *p = &engine->fault.preload;

	CHECK(p->rounds == rounds && p->count == runs && p->early == early && p->pages == pages,
	      "%u rounds, %u runs, %u early, %lu pages", p->rounds, p->count, p->early, p->pages);
}

/* Three pages at once, later two more, one of them again: what is early stays early. */
static void first_round(void)
{
	begin();
	check_set(0, 0, 0, 0);
	CHECK(engine->fault.window < LOAD_WINDOW_PAGES && engine->fault.window > 1, "%u", engine->fault.window);
	fault(7, 7);
	fault(3, 4);
	pause_faults();
	fault(4, 5);
	finish();
	CHECK(engine->fault.window == LOAD_WINDOW_PAGES, "%u", engine->fault.window);
	CHECK(engine->fault.recording.log == NULL, "still recording");
}

/* Adds a page to the early ones, and makes a late one early; runs are not longer than two threads can share. */
static void second_round(void)
{
	begin();
	check_set(1, 3, 2, 4);
	check_run(0, 3, 2);
	check_run(1, 7, 1);
	check_run(2, 5, 1);
	CHECK(engine->fault.window == 1, "%u", engine->fault.window);
	fault(5, 5);
	fault(100, 100 + AHEAD_WINDOW_PAGES);
	finish();
}

/* Settled: a single fault is not worth a new file. */
static void third_round(void)
{
	begin();
	check_set(2, 4, 4, 4 + AHEAD_WINDOW_PAGES + 1);
	check_run(0, 3, 3);
	check_run(1, 7, 1);
	check_run(2, 100, AHEAD_WINDOW_PAGES);
	check_run(3, 100 + AHEAD_WINDOW_PAGES, 1);
	CHECK(engine->fault.window == LOAD_WINDOW_PAGES, "%u", engine->fault.window);
	fault(900, 900);
	finish();
}

/* Many faults are. */
static void fourth_round(void)
{
	begin();
	check_set(2, 4, 4, 4 + AHEAD_WINDOW_PAGES + 1);
	fault(200, 230);
	finish();
	begin();
	check_set(3, 5, 5, 4 + AHEAD_WINDOW_PAGES + 1 + 31);
	finish();
}

/* The file is there before the recording ends, once its first burst is over, and not sooner. */
static void burst_is_written(void)
{
	sys_unlink(WORKING_SET);
	begin();
	fault(1, 1);
	record_first_burst();
	CHECK(!is_written(), "written before the pause");
	pause_faults();
	record_first_burst();
	CHECK(is_written(), "not written after the pause");
	CHECK(engine->fault.recording.log != NULL, "not recording any more");
	sys_unlink(WORKING_SET);
	record_first_burst();
	CHECK(!is_written(), "written twice");
}

/* What background threads touch meanwhile is loaded later, and neither ends the burst nor goes on with it. */
static void background_is_late(void)
{
	sys_unlink(WORKING_SET);
	begin();
	fault(1, 2);
	record_fault(10, true);
	record_fault(2, true);
	pause_faults();
	record_fault(11, true);
	record_first_burst();
	CHECK(is_written(), "not written after the pause");
	finish();
	begin();
	check_set(1, 2, 1, 4);
	check_run(0, 1, 2);
	check_run(1, 10, 2);
	finish();
	sys_unlink(WORKING_SET);
}

/* What is recorded goes on while callbacks run, and for its time after them; a settled record waits for neither. */
static void time_begins_after_the_callbacks(void)
{
	const uint64_t now = now_ns(CLOCK_MONOTONIC);
	struct fault_state *f;

	begin();
	f = &engine->fault;
	record_threads_run(now);
	CHECK(f->ahead_from_ns > now + 2 * f->record_ns, "it ends %lu ns after the start", f->ahead_from_ns - now);
	record_recovered();
	CHECK(f->ahead_from_ns >= now + f->record_ns && f->ahead_from_ns <= now_ns(CLOCK_MONOTONIC) + f->record_ns,
	      "it ends %lu ns after the start", f->ahead_from_ns - now);
	fault(1, 9);
	finish();
	begin();
	finish();
	begin();
	fault(20, 20 + AHEAD_WINDOW_PAGES);
	finish();
	begin();
	f = &engine->fault;
	record_threads_run(now);
	CHECK(f->ahead_from_ns < now + f->record_ns, "it waits %lu ns", f->ahead_from_ns - now);
	record_recovered();
	CHECK(f->ahead_from_ns < now + f->record_ns, "it waits %lu ns", f->ahead_from_ns - now);
	finish();
	sys_unlink(WORKING_SET);
}

/* A clone that writes now is left alone, and what a killed one left is written over. */
static void one_writes_at_a_time(void)
{
	const char garbage[5000] = "left by a killed one";
	int other = (int)MUST(sys_openat(AT_FDCWD, WORKING_SET ".partial", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));

	MUST(sys_write(other, garbage, sizeof(garbage)));
	MUST(sys_flock(other, LOCK_EX | LOCK_NB));
	begin();
	fault(1, 9);
	finish();
	CHECK(!is_written(), "written beside another");
	sys_close(other);
	begin();
	fault(1, 9);
	finish();
	begin();
	check_set(1, 1, 1, 9);
	finish();
	CHECK(sys_unlink(WORKING_SET ".partial") == -ENOENT, "it is left");
	sys_unlink(WORKING_SET);
}

/* After a checkpoint the indices are another snapshot's. */
static void not_after_a_checkpoint(void)
{
	begin();
	fault(1, 9);
	engine->parent.generation++;
	finish();
	CHECK(!is_written(), "written");
}

int main(void)
{
	MUST(sys_mkdir("0001", 0700));
	header.id[0] = 42;
	first_round();
	second_round();
	third_round();
	fourth_round();
	burst_is_written();
	background_is_late();
	time_begins_after_the_callbacks();
	one_writes_at_a_time();
	not_after_a_checkpoint();
	first_round();
	header.id[0] = 43;
	begin();
	check_set(0, 0, 0, 0);
	return failures != 0;
}
