/* SPDX-License-Identifier: Apache-2.0 */
#include "fault/fault.h"

#include "image/crc.h"

static const struct image_extent *extent_at(uint64_t address)
{
	const struct image_view *v = &engine->parent.view;
	uint64_t low = 0, high = v->extent_count;

	while (low < high) {
		uint64_t middle = (low + high) / 2;
		const struct image_extent *e = &v->extents[middle];

		if (e->start + ((uint64_t)e->pages << THAW_PAGE_SHIFT) <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < v->extent_count && v->extents[low].start <= address ? &v->extents[low] : NULL;
}

static void fill_in(const struct image_extent *e, uint64_t first, uint64_t last, struct load *ret)
{
	const struct image_view *v = &engine->parent.view;

	ret->address = e->start + (first << THAW_PAGE_SHIFT);
	ret->index = e->first_crc + first;
	ret->generation = engine->parent.generation;
	ret->pages = (uint32_t)(last - first);
	ret->fd = engine->fault.sources[e->source];
	ret->source_page = e->source_page + first;
	ret->number = e->source ? v->sources[e->source].number : engine->parent.number;
	memcpy(ret->crcs, v->crcs + ret->index, ret->pages * sizeof(uint32_t));
}

bool load_around(uint64_t address, uint32_t limit, struct load *ret)
{
	const struct image_extent *e = extent_at(address);
	const uint8_t *states;
	uint64_t page, first, last, window;

	if (!e)
		return false;
	states = engine->parent.states + e->first_crc;
	page = (address - e->start) >> THAW_PAGE_SHIFT;
	if (states[page] != PAGE_MISSING)
		return false;
	window = address & ~((uint64_t)limit * THAW_PAGE_SIZE - 1);	/* aligned, so that neighbours do not overlap */
	first = window > e->start ? (window - e->start) >> THAW_PAGE_SHIFT : 0;
	last = min_u64(e->pages, ((window - e->start) >> THAW_PAGE_SHIFT) + limit);
	if (window < e->start)
		last = min_u64(e->pages, limit - ((e->start - window) >> THAW_PAGE_SHIFT));
	while (first < page && states[first] != PAGE_MISSING)
		first++;
	for (uint64_t i = page; i > first; i--) {
		if (states[i - 1] != PAGE_MISSING) {
			first = i;
			break;
		}
	}
	for (uint64_t i = page; i < last; i++) {
		if (states[i] != PAGE_MISSING) {
			last = i;
			break;
		}
	}
	fill_in(e, first, last, ret);
	return true;
}

/* The extent that holds the page index: they are in the order of their checksums. */
const struct image_extent *extent_of_index(uint64_t index)
{
	const struct image_view *v = &engine->parent.view;
	uint64_t low = 0, high = v->extent_count;

	while (low < high) {
		uint64_t middle = (low + high) / 2;

		if (v->extents[middle].first_crc + v->extents[middle].pages <= index)
			low = middle + 1;
		else
			high = middle;
	}
	return low < v->extent_count ? &v->extents[low] : NULL;
}

bool load_next(uint64_t *cursor, uint64_t end, struct load *ret)
{
	const struct parent *p = &engine->parent;
	const struct image_extent *e;
	uint64_t first, last;

	end = min_u64(end, p->view.crc_count);
	while (*cursor < end && p->states[*cursor] != PAGE_MISSING)
		(*cursor)++;
	e = *cursor < end ? extent_of_index(*cursor) : NULL;
	if (!e)
		return false;
	first = *cursor - e->first_crc;
	end = min_u64(e->pages, min_u64(end - e->first_crc, first + AHEAD_WINDOW_PAGES));
	last = first;
	while (last < end && p->states[e->first_crc + last] == PAGE_MISSING)
		last++;
	fill_in(e, first, last, ret);
	return true;
}

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

/* False: the file was closed meanwhile (and its number perhaps used anew), as nothing of it is wanted any more. */
static bool read_all(const struct load *l, uint8_t *buffer)
{
	uint64_t bytes = (uint64_t)l->pages << THAW_PAGE_SHIFT, done = 0;

	while (done < bytes) {
		long got = sys_pread(l->fd, buffer + done, bytes - done, (l->source_page << THAW_PAGE_SHIFT) + done);

		if (got == -EINTR)
			continue;
		if (got <= 0 && is_stale(l))
			return false;
		if (got <= 0)
			bad_page(l->number, l->source_page + (done >> THAW_PAGE_SHIFT), got ? got : -EIO);
		done += (uint64_t)got;
	}
	return true;
}

void load_read(const struct load *l, uint8_t *buffer)
{
	if (!read_all(l, buffer))
		return;
	for (uint32_t i = 0; i < l->pages; i++)
		if (crc32c_page(buffer + (uint64_t)i * THAW_PAGE_SIZE) != l->crcs[i] && !is_stale(l))
			bad_page(l->number, l->source_page + i, 0);
}

/* One UFFDIO_COPY of a run that is missing; what was done is noted in states. */
static int copy_run(uint64_t address, const uint8_t *from, uint64_t pages, uint64_t index, uint64_t *counter)
{
	struct fault_state *f = &engine->fault;
	uint8_t *states = engine->parent.states;

	while (pages) {
		struct uffdio_copy copy = { .dst = address, .src = (uint64_t)from,
					    .len = pages << THAW_PAGE_SHIFT, .mode = f->copy_mode };
		long error = sys_ioctl(f->uffd, UFFDIO_COPY, &copy);
		uint64_t done = error == 0 ? pages : copy.copy > 0 ? (uint64_t)copy.copy >> THAW_PAGE_SHIFT : 0;

		/* ENOENT: nothing of ours is mapped there any more. EEXIST: something is there already. */
		if (done == 0 && (error == -EEXIST || error == -ENOENT || error == -ESRCH)) {
			struct uffdio_range wake = { address, THAW_PAGE_SIZE };

			states[index] = error == -EEXIST ? PAGE_LOADED : PAGE_DROPPED;
			if (error == -EEXIST)
				sys_ioctl(f->uffd, UFFDIO_WAKE, &wake);
			__atomic_fetch_sub(&f->missing, 1, __ATOMIC_RELEASE);
			done = 1;
		} else if (done == 0 && error == -EAGAIN) {
			f->retries++;
			return -EAGAIN;
		} else if (done == 0) {
			fatal(EXIT_RESTORE, "a page cannot be put in place (UFFDIO_COPY)", error,
			      "with a memory limit: raise it");
		} else {
			memset(states + index, PAGE_LOADED, done);
			__atomic_fetch_sub(&f->missing, done, __ATOMIC_RELEASE);	/* two threads before the start */
			__atomic_fetch_add(counter, done, __ATOMIC_RELAXED);
		}
		address += done << THAW_PAGE_SHIFT;
		from += done << THAW_PAGE_SHIFT;
		index += done;
		pages -= done;
	}
	return 0;
}

int load_install(const struct load *l, const uint8_t *buffer, uint64_t *counter)
{
	const uint8_t *states = engine->parent.states + l->index;
	uint32_t at = 0;

	if (l->generation != engine->parent.generation)
		return -ESTALE;

	while (at < l->pages) {
		uint32_t from = at;
		int error;

		while (at < l->pages && states[at] == PAGE_MISSING)
			at++;
		if (at > from) {
			error = copy_run(l->address + (uint64_t)from * THAW_PAGE_SIZE,
					 buffer + (uint64_t)from * THAW_PAGE_SIZE, at - from, l->index + from, counter);
			if (error)
				return error;
		}
		while (at < l->pages && states[at] != PAGE_MISSING)
			at++;
	}
	return 0;
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
