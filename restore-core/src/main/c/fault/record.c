/* SPDX-License-Identifier: Apache-2.0
 * Recording of the working set: faults into a log, the log into the file.
 */
#include "fault/fault.h"
#include "fault/working_set.h"
#include "image/crc.h"

#define FIRST_ROUND_WINDOW	4u
#define EXACT_ROUND		1u		/* rounds before: this one records page by page */
#define MAX_ROUNDS		8u
#define CALLBACKS_MOST_NS	10000000000ull	/* so long afterRestore is waited for before the time begins */
#define SETTLED_NS		20000000ull	/* as long a later restore waits until it loads ahead */
#define LOG_ENTRIES		(1u << 16)
#define BY_BACKGROUND		(1u << 31)	/* in an entry of the log */
#define WORTH_PART		16u		/* a settled record is written anew for this part of it */

/* By page index, what the new record says of it. */
enum touched { UNTOUCHED, EARLY, LATE };

/* Mapped here and touched when it is written, so that nothing has to be had then. */
static bool make_room(struct recording *r)
{
	long log = zone_map(&engine->zone_next, LOG_ENTRIES * sizeof(uint32_t));
	long touched = zone_map(&engine->zone_next, engine->parent.view.crc_count + 1);
	long file = zone_map(&engine->zone_next, WORKING_SET_MOST_BYTES);

	if (log < 0 || touched < 0 || file < 0)
		return false;
	r->log = (uint32_t *)log;
	r->touched = (uint8_t *)touched;
	r->pages = engine->parent.view.crc_count;
	r->file = (void *)file;
	return true;
}

void record_start(void)
{
	struct fault_state *f = &engine->fault;
	const struct preload *p = &f->preload;

	f->ahead_after_ns = p->rounds <= EXACT_ROUND && f->record_ns ? f->record_ns : SETTLED_NS;
	f->ahead_from_ns = ~0ull;
	if (p->rounds >= MAX_ROUNDS || !f->record_ns || !make_room(&f->recording))
		return;
	if (!p->runs)
		f->window = FIRST_ROUND_WINDOW;
	else if (p->rounds == EXACT_ROUND)
		f->window = 1;
}

void record_threads_run(uint64_t now)
{
	struct fault_state *f = &engine->fault;
	uint64_t callbacks = f->recording.log && f->ahead_after_ns == f->record_ns ? CALLBACKS_MOST_NS : 0;

	if (f->ahead_after_ns)
		__atomic_store_n(&f->ahead_from_ns, now + callbacks + f->ahead_after_ns, __ATOMIC_RELAXED);
}

void record_recovered(void)
{
	struct fault_state *f = &engine->fault;

	if (__atomic_load_n(&f->recording.log, __ATOMIC_RELAXED) && f->ahead_after_ns == f->record_ns)
		__atomic_store_n(&f->ahead_from_ns, now_ns(CLOCK_MONOTONIC) + f->record_ns, __ATOMIC_RELAXED);
}

void record_fault(uint64_t index, bool background)
{
	struct recording *r = &engine->fault.recording;
	uint64_t now = now_ns(CLOCK_MONOTONIC);

	if (!background) {
		if (r->last_ns && !r->early && now - r->last_ns > RECORD_PAUSE_NS)
			r->early = r->count;
		if (!r->early)
			r->urgent++;
		r->last_ns = now;
	}
	if (r->count < LOG_ENTRIES)
		r->log[r->count++] = (uint32_t)index | (background ? BY_BACKGROUND : 0);
}

static uint32_t early_entries(const struct recording *r)
{
	return r->early ? r->early : r->count;
}

static uint64_t pages_of(const struct page_run *runs, uint32_t count)
{
	uint64_t pages = 0;

	for (uint32_t i = 0; i < count; i++)
		pages += runs[i].pages;
	return pages;
}

static bool is_worth_writing(const struct preload *p, const struct recording *r)
{
	return p->rounds <= EXACT_ROUND || r->urgent > pages_of(p->runs, p->early) / WORTH_PART;
}

static void mark(uint8_t *touched, const struct preload *p, const struct recording *r)
{
	for (uint32_t i = 0; i < p->count; i++)
		memset(touched + p->runs[i].first, i < p->early ? EARLY : LATE, p->runs[i].pages);
	for (uint32_t i = 0; i < r->count; i++) {
		uint8_t *page = &touched[r->log[i] & ~BY_BACKGROUND];

		if (i < early_entries(r) && !(r->log[i] & BY_BACKGROUND))
			*page = EARLY;
		else if (*page == UNTOUCHED)
			*page = LATE;
	}
}

/* Appends the runs of pages that are `kind`; the number of runs then. Short ones: two threads share them. */
static uint32_t collect_runs(const uint8_t *touched, uint64_t pages, enum touched kind, struct page_run *runs,
			     uint32_t count)
{
	uint32_t first = count;

	for (uint64_t i = 0; i < pages && count < WORKING_SET_MAX_RUNS; i++) {
		struct page_run *last = count > first ? &runs[count - 1] : NULL;

		if (touched[i] != kind)
			continue;
		if (last && last->first + last->pages == i && last->pages < AHEAD_WINDOW_PAGES)
			last->pages++;
		else
			runs[count++] = (struct page_run){ (uint32_t)i, 1 };
	}
	return count;
}

/*
 * Clones record at the same time: one of them writes, and what a killed one left is written over. Who gets the lock after
 * another has renamed the file holds the record in use.
 */
static __attribute__((noinline)) int open_partial(const char *path)	/* two struct stat: not in the caller's frame */
{
	struct stat mine, there;
	int fd = sys_openat(AT_FDCWD, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || (sys_flock(fd, LOCK_EX | LOCK_NB) == 0 && sys_fstat(fd, &mine) == 0 && sys_stat(path, &there) == 0
		       && mine.st_dev == there.st_dev && mine.st_ino == there.st_ino && sys_ftruncate(fd, 0) == 0))
		return fd;
	sys_close(fd);
	return -EBUSY;
}

/* Beside and renamed, so that a reader finds all of it or none; what fails is left for the next restore. */
static void write_file(const struct working_set_header *h, uint64_t bytes)
{
	char path[448], partial[448];
	int fd = -1;

	/* Under the lock: a checkpoint must know the file for the engine's own, and may have made another snapshot ours. */
	lock_take(&engine->fault.lock);
	if (engine->parent.generation == 0 && working_set_path(path, sizeof(path), "")
	    && working_set_path(partial, sizeof(partial), ".partial"))
		fd = open_partial(partial);
	engine->fault.recording.fd = fd;
	lock_release(&engine->fault.lock);
	if (fd < 0)
		return;
	if (sys_write(fd, h, bytes) == (long)bytes && sys_fsync(fd) == 0)
		sys_rename(partial, path);
	else
		sys_unlink(partial);
	lock_take(&engine->fault.lock);
	sys_close(fd);
	engine->fault.recording.fd = -1;
	lock_release(&engine->fault.lock);
}

static void write_record(const struct recording *r, const uint8_t *id, uint64_t pages)
{
	struct preload *p = &engine->fault.preload;
	struct working_set_header *h = r->file;
	struct page_run *runs = (struct page_run *)(h + 1);

	memset(r->touched, UNTOUCHED, pages);
	mark(r->touched, p, r);
	h->magic = WORKING_SET_MAGIC;
	memcpy(h->id, id, THAW_ID_BYTES);
	h->rounds = p->rounds + 1;
	h->early = collect_runs(r->touched, pages, EARLY, runs, 0);
	h->runs = collect_runs(r->touched, pages, LATE, runs, h->early);
	h->crc = working_set_crc(h);
	write_file(h, sizeof(*h) + h->runs * sizeof(*runs));
}

/* A copy of the recording, whose log only grows; false: there is none, or a checkpoint has replaced the tables. */
static bool look_at(struct recording *ret, uint8_t *id, uint64_t *pages)
{
	*ret = engine->fault.recording;
	*pages = engine->parent.view.crc_count;
	memcpy(id, engine->parent.view.header->id, THAW_ID_BYTES);
	return ret->log && engine->parent.generation == 0;
}

void record_first_burst(void)
{
	struct fault_state *f = &engine->fault;
	struct recording r;
	uint8_t id[THAW_ID_BYTES];
	uint64_t pages;
	bool write;

	lock_take(&f->lock);
	write = look_at(&r, id, &pages) && !r.written && r.last_ns
		&& (r.early || now_ns(CLOCK_MONOTONIC) - r.last_ns > RECORD_PAUSE_NS);
	f->recording.written |= write;
	lock_release(&f->lock);
	if (write && is_worth_writing(&f->preload, &r))
		write_record(&r, id, pages);
}

void record_finish(void)
{
	struct fault_state *f = &engine->fault;
	struct recording r;
	uint8_t id[THAW_ID_BYTES];
	uint64_t pages;
	bool write;

	lock_take(&f->lock);
	write = look_at(&r, id, &pages);
	f->recording.log = NULL;
	f->window = LOAD_WINDOW_PAGES;
	lock_release(&f->lock);
	if (write && is_worth_writing(&f->preload, &r))
		write_record(&r, id, pages);
	if (r.log) {
		zone_unmap((uint64_t)r.log, LOG_ENTRIES * sizeof(uint32_t));
		zone_unmap((uint64_t)r.touched, r.pages + 1);
		zone_unmap((uint64_t)r.file, WORKING_SET_MOST_BYTES);
	}
}
