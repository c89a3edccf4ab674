/* SPDX-License-Identifier: Apache-2.0
 * Filling before the threads run. No event comes and no fault: nothing here takes the lock.
 */
#include "fault/fault.h"

#define STACK_PAGES	64u		/* of a thread's live stack */
#define CHUNK_PAGES	64u		/* at least, */
#define CHUNKS		4096u		/* and no more than so many to look at */

bool region_is_lazy(const struct image_region *r)
{
	uint32_t mode = engine->fault.lazy_mode;

	if (r->kind != REGION_ANON || r->flags & (REGION_ENGINE | REGION_GROWSDOWN) || !(r->prot & PROT_READ))
		return false;
	/* A fault of the kernel on a missing page fails in user mode: only memory no system call is given. */
	return mode == UFFD_FULL || (mode == UFFD_USER && r->flags & REGION_HEAP);
}

static uint64_t take(uint64_t *next)
{
	return __atomic_fetch_add(next, 1, __ATOMIC_RELAXED);
}

/* By UFFDIO_COPY: the missing pages from index first up to end. */
static void install_range(uint64_t first, uint64_t end, uint8_t *buffer)
{
	struct load l;

	while (load_next(&first, end, &l)) {
		load_read(&l, buffer, WAIT_FOR_DATA);
		if (load_install(&l, buffer, &engine->fault.pages_first) != 0)
			return;
	}
}

/* What of these page indices belongs to regions that are not lazy. */
static void fill_chunk(uint64_t first, uint64_t end)
{
	const uint8_t *states = engine->parent.states;

	while (first < end) {
		const struct image_extent *e = extent_of_index(first);
		uint64_t last = min_u64(end, e->first_crc + e->pages), from = first;

		for (first = last; from < last && !region_is_lazy(view_region_at(&engine->parent.view, e->start));) {
			uint64_t to = from;

			while (to < last && states[to] == PAGE_MISSING)
				to++;
			if (to > from)
				load_now(e, from - e->first_crc, to - e->first_crc);
			for (from = to; from < last && states[from] != PAGE_MISSING;)
				from++;
		}
	}
}

/* What is stored of these addresses in the region of `page`. */
static void fill_around(uint64_t page, uint64_t from, uint64_t to, uint8_t *buffer)
{
	const struct image_view *v = &engine->parent.view;
	const struct image_region *r = view_region_at(v, page);

	if (!r || !region_is_lazy(r))
		return;
	for (uint64_t i = r->first_extent; i < r->first_extent + r->extents; i++) {
		const struct image_extent *e = &v->extents[i];
		uint64_t e_end = e->start + ((uint64_t)e->pages << THAW_PAGE_SHIFT);
		uint64_t start = max_u64(e->start, from), end = min_u64(e_end, to);

		if (start < end)
			install_range(e->first_crc + ((start - e->start) >> THAW_PAGE_SHIFT),
				      e->first_crc + ((end - e->start) >> THAW_PAGE_SHIFT), buffer);
	}
}

/* A parked thread's live stack: it would be its first faults. */
static void fill_stack(const struct image_thread *t, uint8_t *buffer)
{
	uint64_t page = t->frame & ~(uint64_t)(THAW_PAGE_SIZE - 1);

	fill_around(page, page - THAW_PAGE_SIZE, page + STACK_PAGES * THAW_PAGE_SIZE, buffer);
}

void fill_tids(const struct image_view *v, uint8_t *buffer)
{
	for (uint64_t i = 0; i < v->thread_count; i++) {
		uint64_t page = v->threads[i].vm_tid_address & ~(uint64_t)(THAW_PAGE_SIZE - 1);

		if (page)
			fill_around(page, page, page + THAW_PAGE_SIZE, buffer);
	}
}

#define PAGE_TABLE_SHIFT	21

/* The 2 MiB that one page of the page tables covers, and one lock. */
static uint64_t table_of(const struct page_run *r)
{
	const struct image_extent *e = extent_of_index(r->first);

	return (e->start + ((r->first - e->first_crc) << THAW_PAGE_SHIFT)) >> PAGE_TABLE_SHIFT;
}

/* The early runs that begin in the next 2 MiB; up to *ret_end, which is the same number when none is left. */
static uint64_t take_runs(uint64_t *next, uint64_t *ret_end)
{
	const struct preload *p = &engine->fault.preload;
	uint64_t first = __atomic_load_n(next, __ATOMIC_RELAXED);

	do {
		*ret_end = first;
		while (*ret_end < p->early && table_of(&p->runs[*ret_end]) == table_of(&p->runs[first]))
			(*ret_end)++;
	} while (!__atomic_compare_exchange_n(next, &first, *ret_end, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
	return first;
}

/* Not on this thread's processor: a scheduler may leave a new thread waiting there for milliseconds. */
void fill_place_helper(uint32_t tid)
{
	struct filling *w = &engine->fault.filling;
	long bytes = sys_sched_getaffinity((int)tid, sizeof(w->cpus), w->cpus);
	uint64_t here_bit;
	uint32_t here;

	if (bytes <= 0 || sys_getcpu(&here) != 0 || here >= bytes * 8)
		return;
	here_bit = w->cpus[here / 64] & 1ull << here % 64;
	w->cpus[here / 64] ^= here_bit;
	/* EINVAL: there is no other. */
	if (here_bit && sys_sched_setaffinity((int)tid, (uint64_t)bytes, w->cpus) == 0)
		w->cpus_bytes = (uint32_t)bytes;
	w->cpus[here / 64] ^= here_bit;
}

void fill_release_helper(void)
{
	const struct filling *w = &engine->fault.filling;

	if (w->cpus_bytes)
		sys_sched_setaffinity(0, w->cpus_bytes, w->cpus);
}

/* Both threads have done it `all` / 2 times. */
static void wait_for_other(struct filling *w, uint32_t all)
{
	uint32_t here = __atomic_add_fetch(&w->done, 1, __ATOMIC_ACQ_REL);

	sys_futex(&w->done, FUTEX_WAKE | FUTEX_PRIVATE, 1, NULL);
	while (here < all) {
		sys_futex(&w->done, FUTEX_WAIT | FUTEX_PRIVATE, here, NULL);
		here = __atomic_load_n(&w->done, __ATOMIC_ACQUIRE);
	}
}

void fill_share(uint8_t *buffer)
{
	struct filling *w = &engine->fault.filling;
	const struct image_view *v = &engine->parent.view;
	const struct preload *p = &engine->fault.preload;
	uint64_t chunk = max_u64(CHUNK_PAGES, v->crc_count / CHUNKS), i, end;

	while ((i = take(&w->next_chunk)) * chunk < v->crc_count)
		fill_chunk(i * chunk, min_u64((i + 1) * chunk, v->crc_count));
	while ((i = take(&w->next_stack)) < v->thread_count)
		fill_stack(&v->threads[i], buffer);
	wait_for_other(w, 2);		/* a run may hold a page of a stack, and nothing may be counted twice */
	while ((i = take_runs(&w->next_run, &end)) < end)
		for (; i < end; i++)
			install_range(p->runs[i].first, (uint64_t)p->runs[i].first + p->runs[i].pages, buffer);
	wait_for_other(w, 4);
}
