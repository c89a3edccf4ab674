/* SPDX-License-Identifier: Apache-2.0 */
#include "fault/fault.h"

#include "fault/inject.h"

/*
 * As long a lack of memory is waited out: a memory limit may be about to be raised, or reclaimed from. Of the time between two
 * tries only so much counts: a process that was stopped meanwhile has not tried.
 */
#define NO_MEMORY_NS		10000000000ull
#define NO_MEMORY_TRY_NS	10000000ull
#define NO_MEMORY_PAUSE_NS	1000000

const struct image_extent *extent_at(uint64_t address)
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

long load_copy(uint64_t to, const uint8_t *from, uint64_t pages, uint64_t *ret_copied)
{
	struct fault_state *f = &engine->fault;
	struct uffdio_copy copy = { .dst = to, .src = (uint64_t)from, .len = pages << THAW_PAGE_SHIFT,
				    .mode = f->copy_mode };
	long error = 0;

	if (inject(INJECT_EAGAIN))
		error = -EAGAIN;
	else if (inject(INJECT_ENOMEM))
		error = -ENOMEM;
	else if (pages > 1 && inject(INJECT_PARTIAL_COPY))
		copy.len = THAW_PAGE_SIZE;
	if (!error)
		error = sys_ioctl(f->uffd, UFFDIO_COPY, &copy);
	*ret_copied = error == 0 ? copy.len >> THAW_PAGE_SHIFT : copy.copy > 0 ? (uint64_t)copy.copy >> THAW_PAGE_SHIFT : 0;
	if (!*ret_copied && error == -ENOMEM)
		return load_wait_for_memory();
	if (!*ret_copied && error == -EAGAIN)
		f->retries++;
	if (*ret_copied || error == -EEXIST)	/* other errors come before a page is allocated */
		load_found_memory();
	return *ret_copied ? 0 : error;
}

void let_server_run(void)
{
	struct fault_state *f = &engine->fault;

	lock_release(&f->lock);
	sys_sched_yield();
	lock_take(&f->lock);
}

void load_found_memory(void)
{
	engine->fault.no_memory_ns = engine->fault.no_memory_at_ns = 0;
}

long load_wait_for_memory(void)
{
	struct fault_state *f = &engine->fault;
	struct timespec pause = { .tv_nsec = NO_MEMORY_PAUSE_NS };
	uint64_t now = now_ns(CLOCK_MONOTONIC);

	f->retries++;
	if (f->no_memory_at_ns)
		f->no_memory_ns += min_u64(now - f->no_memory_at_ns, NO_MEMORY_TRY_NS);
	f->no_memory_at_ns = now;
	if (f->no_memory_ns > NO_MEMORY_NS)
		fatal(EXIT_RESTORE, "there was no memory for a page for ten seconds", -ENOMEM, "with a memory limit: raise it");
	sys_nanosleep(&pause);
	return -EAGAIN;
}

void load_one(uint64_t index, uint64_t address, struct load *ret)
{
	const struct image_extent *e = extent_of_index(index);

	fill_in(e, index - e->first_crc, index - e->first_crc + 1, ret);
	ret->address = address;
}

/* One UFFDIO_COPY of a run that is missing; what was done is noted in states. */
static int copy_run(uint64_t address, const uint8_t *from, uint64_t pages, uint64_t index, uint64_t *counter)
{
	struct fault_state *f = &engine->fault;
	uint8_t *states = engine->parent.states;
	uint64_t piece = pages;

	while (pages) {
		uint64_t done;
		long error = load_copy(address, from, min_u64(piece, pages), &done);

		/* mm/userfaultfd.c, validate_dst_vma(): a range that crosses into another mapping is ENOENT as well. */
		if (done == 0 && error == -ENOENT && min_u64(piece, pages) > 1) {
			piece = min_u64(piece, pages) / 2;
			continue;
		}
		piece = pages;
		/* ENOENT: nothing of ours is mapped there any more. EEXIST: something is there already. */
		if (done == 0 && (error == -EEXIST || error == -ENOENT || error == -ESRCH)) {
			struct uffdio_range wake = { address, THAW_PAGE_SIZE };

			states[index] = error == -EEXIST ? PAGE_LOADED : PAGE_DROPPED;
			if (error == -EEXIST)
				sys_ioctl(f->uffd, UFFDIO_WAKE, &wake);
			__atomic_fetch_sub(&f->missing, 1, __ATOMIC_RELEASE);
			done = 1;
		} else if (error == -EAGAIN) {
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

int load_install_missing(uint64_t address, uint64_t index, uint32_t pages, const uint8_t *buffer, uint64_t *counter)
{
	const uint8_t *states = engine->parent.states + index;
	uint32_t at = 0;

	while (at < pages) {
		uint32_t from = at;
		int error;

		while (at < pages && states[at] == PAGE_MISSING)
			at++;
		if (at > from) {
			error = copy_run(address + (uint64_t)from * THAW_PAGE_SIZE,
					 buffer + (uint64_t)from * THAW_PAGE_SIZE, at - from, index + from, counter);
			if (error)
				return error;
		}
		while (at < pages && states[at] != PAGE_MISSING)
			at++;
	}
	return 0;
}

int load_install(const struct load *l, const uint8_t *buffer, uint64_t *counter)
{
	if (l->generation != engine->parent.generation)
		return -ESTALE;
	return load_install_missing(l->address, l->index, l->pages, buffer, counter);
}
