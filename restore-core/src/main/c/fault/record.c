/* SPDX-License-Identifier: Apache-2.0
 * The working set: which pages the process touched in its first second. The first restore of a snapshot notes
 * them in DIR/NNNN/working-set, later ones load them in bulk before the threads run. The file is advisory: when
 * it is missing, damaged or of another snapshot, it is not used.
 */
#include "fault/fault.h"
#include "image/crc.h"

#define RECORD_MAGIC	0x3154455357414854ull	/* "THAWSET1" */
#define RECORD_NS	1000000000ull
#define MAX_GAP		1u			/* untouched pages loaded rather than starting another run */
#define MAX_RUNS	(1u << 20)

struct record_header {
	uint64_t magic;
	uint8_t id[THAW_ID_BYTES];		/* of the snapshot */
	uint32_t runs;
	uint32_t crc;				/* CRC32C of the runs */
};

static bool path_of(char *ret, size_t bytes, const char *tail)
{
	struct text t;

	text_open(&t, ret, bytes);
	text_string(&t, engine->parent.folder);
	text_string(&t, "/");
	text_padded(&t, engine->parent.number, 4);
	text_string(&t, "/working-set");
	text_string(&t, tail);
	return t.length + 1 < bytes;
}

static bool is_usable(const struct record_header *h, const struct record_run *runs, uint64_t bytes)
{
	const struct image_view *v = &engine->parent.view;

	if (bytes < sizeof(*h) || h->magic != RECORD_MAGIC || memcmp(h->id, v->header->id, THAW_ID_BYTES) != 0
	    || bytes != sizeof(*h) + (uint64_t)h->runs * sizeof(*runs)
	    || crc32c(0, runs, bytes - sizeof(*h)) != h->crc)
		return false;
	for (uint32_t i = 0; i < h->runs; i++)
		if (runs[i].first >= v->crc_count || runs[i].pages > v->crc_count - runs[i].first)
			return false;
	return true;
}

/* No other thread of the application runs: no events, no lock. Two threads load disjoint runs. */
static void load_runs(uint32_t from, uint32_t to, uint8_t *buffer)
{
	struct fault_state *f = &engine->fault;
	struct load l;

	for (uint32_t i = from; i < to; i++) {
		uint64_t cursor = f->preload[i].first, end = cursor + f->preload[i].pages;

		while (cursor < end && load_next(&cursor, &l) && l.index < end) {
			l.pages = (uint32_t)min_u64(l.pages, end - l.index);
			load_read(&l, buffer);
			if (load_install(&l, buffer, &f->pages_first) != 0)
				return;
		}
	}
}

/* The number of runs with about half of the pages. */
static uint32_t half_of(const struct record_run *runs, uint32_t count)
{
	uint64_t all = 0, some = 0;
	uint32_t i = 0;

	for (uint32_t k = 0; k < count; k++)
		all += runs[k].pages;
	while (i < count && some < all / 2)
		some += runs[i++].pages;
	return i;
}

bool record_read(void)
{
	struct fault_state *f = &engine->fault;
	struct record_header *h;
	char path[448];
	struct stat st;
	long memory = -1;
	int fd = path_of(path, sizeof(path), "") ? sys_open(path, O_RDONLY | O_CLOEXEC) : -ENOENT;

	if (fd < 0)
		return false;
	if (sys_fstat(fd, &st) == 0 && (uint64_t)st.st_size <= sizeof(*h) + MAX_RUNS * sizeof(struct record_run))
		memory = zone_map(&engine->zone_next, (uint64_t)st.st_size + 1);
	h = (struct record_header *)memory;
	if (memory > 0 && sys_pread(fd, h, (size_t)st.st_size, 0) == st.st_size
	    && is_usable(h, (struct record_run *)(h + 1), (uint64_t)st.st_size)) {
		f->preload = (struct record_run *)(h + 1);
		f->preload_count = h->runs;
		f->preload_half = half_of(f->preload, h->runs);
	} else if (memory > 0) {
		zone_unmap((uint64_t)memory, (uint64_t)st.st_size + 1);
	}
	sys_close(fd);
	return f->preload != NULL;
}

/* Both wait for the other: what follows takes the lock, and expects nobody to install without it. */
static void meet(struct fault_state *f)
{
	uint32_t here = __atomic_add_fetch(&f->preload_done, 1, __ATOMIC_ACQ_REL);

	sys_futex(&f->preload_done, FUTEX_WAKE | FUTEX_PRIVATE, 1, NULL);
	while (here < 2) {
		sys_futex(&f->preload_done, FUTEX_WAIT | FUTEX_PRIVATE, here, NULL);
		here = __atomic_load_n(&f->preload_done, __ATOMIC_ACQUIRE);
	}
}

void record_load_first_half(void)
{
	struct fault_state *f = &engine->fault;

	load_runs(0, f->preload_half, f->server.buffer);
	meet(f);
}

void record_load_second_half(void)
{
	struct fault_state *f = &engine->fault;

	load_runs(f->preload_half, f->preload_count, f->loader.buffer);
	meet(f);
}

void record_start(void)
{
	struct fault_state *f = &engine->fault;
	long memory = zone_map(&engine->zone_next, engine->parent.view.crc_count + 1);

	if (memory > 0) {
		f->touched = (uint8_t *)memory;
		f->touched_pages = engine->parent.view.crc_count;
		f->record_until = now_ns(CLOCK_MONOTONIC) + RECORD_NS;
	}
}

static uint32_t collect_runs(const uint8_t *touched, uint64_t pages, struct record_run *runs)
{
	uint32_t count = 0;

	for (uint64_t i = 0; i < pages && count < MAX_RUNS; i++) {
		struct record_run *last = count ? &runs[count - 1] : NULL;

		if (!touched[i])
			continue;
		if (last && i - (last->first + last->pages) <= MAX_GAP)
			last->pages = (uint32_t)(i + 1 - last->first);
		else
			runs[count++] = (struct record_run){ (uint32_t)i, 1 };
	}
	return count;
}

/* Beside and renamed, so that a reader finds all of it or none; what fails is left for the next restore. */
static void write_record(const struct record_header *h, uint64_t bytes)
{
	char path[448], partial[448];
	int fd;

	if (!path_of(path, sizeof(path), "") || !path_of(partial, sizeof(partial), ".partial"))
		return;
	sys_unlink(partial);
	lock_take(&engine->fault.lock);		/* a checkpoint must know it for the engine's own */
	fd = sys_openat(AT_FDCWD, partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	engine->fault.record_fd = fd;
	lock_release(&engine->fault.lock);
	if (fd < 0)
		return;
	if (sys_write(fd, h, bytes) == (long)bytes && sys_fsync(fd) == 0)
		sys_rename(partial, path);
	else
		sys_unlink(partial);
	lock_take(&engine->fault.lock);
	sys_close(fd);
	engine->fault.record_fd = -1;
	lock_release(&engine->fault.lock);
}

void record_finish(void)
{
	struct fault_state *f = &engine->fault;
	uint64_t room = sizeof(struct record_header) + (uint64_t)MAX_RUNS * sizeof(struct record_run), pages;
	long memory = zone_map(&engine->zone_next, room);
	struct record_header *h = (struct record_header *)memory;
	uint8_t *touched;
	uint8_t id[THAW_ID_BYTES];
	bool same;

	lock_take(&f->lock);
	touched = f->touched;
	same = engine->parent.generation == 0;	/* no checkpoint since: the indices are the snapshot's */
	pages = f->touched_pages;
	memcpy(id, engine->parent.view.header->id, THAW_ID_BYTES);
	f->touched = NULL;
	lock_release(&f->lock);
	if (memory > 0 && same) {
		h->magic = RECORD_MAGIC;
		memcpy(h->id, id, THAW_ID_BYTES);
		h->runs = collect_runs(touched, pages, (struct record_run *)(h + 1));
		h->crc = crc32c(0, h + 1, h->runs * sizeof(struct record_run));
		write_record(h, sizeof(*h) + h->runs * sizeof(struct record_run));
	}
	if (memory > 0)
		zone_unmap((uint64_t)memory, room);
	zone_unmap((uint64_t)touched, pages + 1);
}
