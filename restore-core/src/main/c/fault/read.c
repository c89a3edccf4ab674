/* SPDX-License-Identifier: Apache-2.0
 * Page data: read and checked, without the lock.
 */
#include "fault/fault.h"
#include "fault/inject.h"
#include "image/crc.h"

static void bad_page(uint32_t number, uint64_t source_page, long error)
{
	char detail[160];
	struct text t;

	text_open(&t, detail, sizeof(detail));
	text_string(&t, "snapshot ");
	text_padded(&t, number ? number : engine->parent.number, 4);
	text_string(&t, ", page ");
	text_decimal(&t, source_page);
	text_string(&t, " of its pages file; restore another snapshot and run `thaw verify` on this one");
	fatal(EXIT_BAD_PAGE, error ? "page data cannot be read" : "page data is damaged: its checksum differs", error,
	      detail);
}

/* Nothing of it is wanted any more: loaded by another thread, dropped, or the tables were replaced. */
static bool is_stale(const struct load *l)
{
	struct fault_state *f = &engine->fault;
	bool stale = true;

	lock_take(&f->lock);
	if (l->generation == engine->parent.generation)
		for (uint32_t i = 0; i < l->pages; i++)
			stale &= engine->parent.states[l->index + i] != PAGE_MISSING;
	lock_release(&f->lock);
	return stale;
}

/* What the page cache has; nothing there is EAGAIN. Memory file systems know no RWF_NOWAIT, and never wait. */
static long read_cached(int fd, uint8_t *buffer, uint64_t bytes, uint64_t offset)
{
	struct statfs fs;
	long got = sys_pread_flags(fd, buffer, bytes, offset, RWF_NOWAIT);

	if (got != -EOPNOTSUPP)
		return got;
	return sys_fstatfs(fd, &fs) == 0 && fs.f_type == TMPFS_MAGIC ? sys_pread(fd, buffer, bytes, offset) : -EAGAIN;
}

static long read_some(const struct load *l, uint8_t *buffer, uint64_t done, enum patience patience)
{
	struct timespec slow = { .tv_nsec = SLOW_DISK_NS };
	uint64_t bytes = ((uint64_t)l->pages << THAW_PAGE_SHIFT) - done;
	uint64_t offset = (l->source_page << THAW_PAGE_SHIFT) + done;

	if (inject(INJECT_SHORT_READ))
		bytes = THAW_PAGE_SIZE;
	if (patience == ONLY_CACHED)
		return inject(INJECT_SLOW_DISK) ? -EAGAIN : read_cached(l->fd, buffer + done, bytes, offset);
	if (inject(INJECT_SLOW_DISK))
		sys_nanosleep(&slow);
	return sys_pread(l->fd, buffer + done, bytes, offset);
}

/* STALE: the file was closed meanwhile (and its number perhaps used anew), as nothing of it is wanted any more. */
static enum read_result read_all(const struct load *l, uint8_t *buffer, enum patience patience)
{
	uint64_t bytes = (uint64_t)l->pages << THAW_PAGE_SHIFT, done = 0;

	while (done < bytes) {
		long got = read_some(l, buffer, done, patience);

		if (got == -EINTR)
			continue;
		if (got == -EAGAIN && patience == ONLY_CACHED)
			return READ_WOULD_WAIT;
		if (got <= 0 && is_stale(l))
			return READ_STALE;
		if (got <= 0)
			bad_page(l->number, l->source_page + (done >> THAW_PAGE_SHIFT), got ? got : -EIO);
		done += (uint64_t)got;
	}
	return READ_RIGHT;
}

enum read_result load_read(const struct load *l, uint8_t *buffer, enum patience patience)
{
	enum read_result result = read_all(l, buffer, patience);

	if (result != READ_RIGHT)
		return result;
	for (uint32_t i = 0; i < l->pages; i++)
		if (crc32c_page(buffer + (uint64_t)i * THAW_PAGE_SIZE) != l->crcs[i] && !is_stale(l))
			bad_page(l->number, l->source_page + i, 0);
	return READ_RIGHT;
}

void load_now(const struct image_extent *e, uint64_t first, uint64_t last)
{
	struct fault_state *f = &engine->fault;
	const struct image_view *v = &engine->parent.view;
	uint32_t number = e->source ? v->sources[e->source].number : 0;

	for (uint64_t page = first; page < last;) {
		uint8_t *at = (uint8_t *)(e->start + (page << THAW_PAGE_SHIFT));
		long got = sys_pread(f->sources[e->source], at, (last - page) << THAW_PAGE_SHIFT,
				     (e->source_page + page) << THAW_PAGE_SHIFT);

		if (got <= 0 || got % THAW_PAGE_SIZE)
			bad_page(number, e->source_page + page, got < 0 ? got : -EIO);
		for (long done = 0; done < got; done += THAW_PAGE_SIZE, page++)
			if (crc32c_page(at + done) != v->crcs[e->first_crc + page])
				bad_page(number, e->source_page + page, 0);
	}
	memset(engine->parent.states + e->first_crc + first, PAGE_LOADED, last - first);
	__atomic_fetch_sub(&f->missing, last - first, __ATOMIC_RELEASE);
	__atomic_fetch_add(&f->pages_first, last - first, __ATOMIC_RELAXED);
}
