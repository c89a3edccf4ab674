/* SPDX-License-Identifier: Apache-2.0
 * The Java heap by 2 MiB: read into a huge page, which UFFDIO_MOVE puts in place as it is. That costs half of a copy
 * into pages of 4 KiB.
 *
 * mm/huge_memory.c, move_pages_huge_pmd(): what was moved in is writable, whatever is registered there. Until protect.c
 * has protected it, it counts as written.
 *
 * A fault makes a page table before its message comes, and a huge page would be split to fit in there: that costs as much
 * as to read it. Not so where the memory is advised to have huge pages (do_huge_pmd_anonymous_page()): so it is, while all is
 * loaded in a hurry. THP settings are the application's: afterwards it is as if nothing had been advised, where they are "madvise".
 *
 * Only the Java heap: a thread that reads past the page cache (O_DIRECT) into memory which is being protected
 * would write to it unseen, and the JDK gives no such read an address of the heap.
 */
#include "fault/fault.h"
#include "fault/inject.h"
#include "image/crc.h"

#define MOST_FAILURES	8u		/* EINVAL of UFFDIO_MOVE in a row: Linux before 6.8 does not know it */

static bool huge_pages_are_by_advice(void)
{
	char text[64] = "";
	const char *at = text;
	int fd = sys_open("/sys/kernel/mm/transparent_hugepage/enabled", O_RDONLY | O_CLOEXEC);
	long got = fd < 0 ? fd : sys_read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		sys_close(fd);
	while (*at && *at != '[')
		at++;
	return got > 0 && string_starts(at, "[madvise]");
}

static void advise(int advice)
{
	const struct image_header *h = engine->parent.view.header;
	const struct fault_state *f = &engine->fault;

	for (uint64_t i = 0; i < f->span_count; i++)
		if (f->spans[i].start >= h->heap_start && f->spans[i].end <= h->heap_end)
			sys_madvise(f->spans[i].start, f->spans[i].end - f->spans[i].start, advice);
}

void block_advise(void)
{
	const struct image_view *v = &engine->parent.view;
	struct blocks *b = &engine->fault.blocks;

	if (b->advice_tried || !engine->fault.loader.staging)
		return;
	b->advice_tried = true;
	b->advised = huge_pages_are_by_advice();
	for (uint64_t i = 0; i < v->region_count; i++)
		if (v->regions[i].flags & REGION_HEAP && v->regions[i].flags & (REGION_HUGE | REGION_NOHUGE))
			b->advised = false;	/* -XX:+UseTransparentHugePages */
	if (b->advised)
		advise(MADV_HUGEPAGE);
}

void block_end_advice(void)
{
	if (engine->fault.blocks.advised)
		advise(MADV_NOHUGEPAGE);
}

uint64_t block_start(uint64_t index, uint64_t *ret_first)
{
	const struct image_extent *e = extent_of_index(index);
	uint64_t address = e->start + ((index - e->first_crc) << THAW_PAGE_SHIFT);
	uint64_t before = (address & (BLOCK_BYTES - 1)) >> THAW_PAGE_SHIFT;

	*ret_first = index >= before ? index - before : ~0ull;
	return address & ~(BLOCK_BYTES - 1);
}

static bool all_missing(uint64_t first)
{
	const uint8_t *states = engine->parent.states + first;

	for (uint32_t i = 0; i < BLOCK_PAGES; i++)
		if (states[i] != PAGE_MISSING)
			return false;
	return true;
}

/* The pages first.. are stored and lie side by side, in however many extents. */
static bool is_contiguous(uint64_t start, uint64_t first)
{
	const struct image_extent *e = extent_at(start);
	const struct image_view *v = &engine->parent.view;
	uint64_t at = start;

	if (!e || e->first_crc + ((start - e->start) >> THAW_PAGE_SHIFT) != first)
		return false;
	for (; e < v->extents + v->extent_count && e->start <= at; e++) {
		at = e->start + ((uint64_t)e->pages << THAW_PAGE_SHIFT);
		if (at >= start + BLOCK_BYTES)
			return true;
	}
	return false;
}

bool block_is_whole(uint64_t start, uint64_t first)
{
	const struct image_view *v = &engine->parent.view;
	const struct image_region *r;

	if (engine->fault.blocks.off || engine->fault.blocks.protect_now || first == ~0ull
	    || first + BLOCK_PAGES > v->crc_count || !all_missing(first))
		return false;
	r = view_region_at(v, start);
	return r && r->end >= start + BLOCK_BYTES && r->flags & REGION_HEAP && r->prot == (PROT_READ | PROT_WRITE)
		&& region_is_lazy(r) && is_contiguous(start, first);
}

static void note_moved(uint64_t first, uint64_t pages)
{
	struct fault_state *f = &engine->fault;

	/* While a checkpoint waits for the others it is LOADED, not protected, and so simply counts as written. */
	bool later = f->copy_mode && !__atomic_load_n(&f->blocks.protect_now, __ATOMIC_RELAXED);

	memset(engine->parent.states + first, later ? PAGE_UNTRACKED : PAGE_LOADED, pages);
	__atomic_fetch_sub(&f->missing, pages, __ATOMIC_RELEASE);
	__atomic_fetch_add(&f->pages_ahead, pages, __ATOMIC_RELAXED);
	f->blocks.pages += pages;
	if (later)
		__atomic_fetch_add(&f->blocks.untracked, pages, __ATOMIC_RELEASE);
}

/* One UFFDIO_MOVE, lock held; 0 when all of it is in place. */
static long move(uint64_t to, const uint8_t *from, uint64_t first)
{
	struct uffdio_move m = { .dst = to, .src = (uint64_t)from, .len = BLOCK_BYTES };
	long error = inject(INJECT_EAGAIN) ? -EAGAIN : sys_ioctl(engine->fault.uffd, UFFDIO_MOVE, &m);

	if (error == 0)
		note_moved(first, BLOCK_PAGES);
	else if (error == -EAGAIN)
		engine->fault.retries++;
	return error;
}

/*
 * Page by page, after an error of UFFDIO_MOVE: what it says to have moved is not to be trusted (Linux 6.18: a fault makes a
 * page table there meanwhile, all pages are moved one by one, the answer is EEXIST and nobody is woken). What is there already
 * has been moved, as nothing else is put where pages are missing.
 */
static void install_rest(uint64_t start, uint64_t first, const uint8_t *block, uint64_t generation)
{
	struct fault_state *f = &engine->fault;

	for (uint32_t i = 0; i < BLOCK_PAGES && engine->parent.generation == generation;) {
		uint64_t offset = (uint64_t)i * THAW_PAGE_SIZE, copied;
		long error = -EEXIST;

		if (engine->parent.states[first + i] == PAGE_MISSING)
			error = load_copy(start + offset, block + offset, 1, &copied);
		if (error == -EAGAIN) {
			let_server_run();
			continue;
		}
		if (engine->parent.states[first + i] == PAGE_MISSING && error == -EEXIST) {
			note_moved(first + i, 1);
			serve_wake(start + offset);
		} else if (!error) {
			engine->parent.states[first + i] = PAGE_LOADED;
			__atomic_fetch_sub(&f->missing, 1, __ATOMIC_RELEASE);
			__atomic_fetch_add(&f->pages_ahead, 1, __ATOMIC_RELAXED);
		}
		i++;
	}
}

/* Lock held at entry and return; `read` pages are in the staging block. */
static int install(uint64_t start, uint64_t first, uint32_t read, const uint8_t *block, uint64_t generation)
{
	struct fault_state *f = &engine->fault;
	int error = 0;

	f->blocks.moving++;
	while (read == BLOCK_PAGES && engine->parent.generation == generation && block_is_whole(start, first)) {
		error = (int)move(start, block, first);

		if (error == -EAGAIN) {
			let_server_run();
			continue;
		}
		f->blocks.failures = error == -EINVAL ? f->blocks.failures + 1 : 0;
		f->blocks.off |= f->blocks.failures >= MOST_FAILURES;
		if (error)
			install_rest(start, first, block, generation);
		break;
	}
	error = engine->parent.generation != generation ? -ESTALE
		: load_install_missing(start, first, read, block, &f->pages_ahead);
	f->blocks.moving--;
	return error;
}

/* Of the missing pages from `first` on, those in a row; lock held. */
static uint32_t next_loads(struct staging *s, uint64_t first, uint64_t end)
{
	uint64_t at = first;
	uint32_t count = 0;

	while (count < STAGING_LOADS && load_next(&at, end, &s->loads[count]) && at == first) {
		at += s->loads[count++].pages;
		first = at;
	}
	return count;
}

/* Each piece is read and summed up while it is in the processor's cache. */
static uint32_t read_loads(struct staging *s, uint32_t count, uint8_t *to)
{
	uint32_t pages = 0;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t end = pages + s->loads[i].pages;

		load_read(&s->loads[i], to + (uint64_t)pages * THAW_PAGE_SIZE, WAIT_FOR_DATA);
		for (; pages < end; pages++)
			s->hashes[pages] = page_hash(to + (uint64_t)pages * THAW_PAGE_SIZE);
	}
	return pages;
}

/* Lock held at entry and return. What a fault loads meanwhile is read, too; a page that is there already ends it. */
static int read_block(struct staging *s, uint64_t first, uint8_t *block, uint64_t generation, uint32_t *ret_pages)
{
	uint32_t read = 0, count;

	while (read < BLOCK_PAGES && (count = next_loads(s, first + read, first + BLOCK_PAGES))) {
		uint32_t pages;

		lock_release(&engine->fault.lock);
		pages = read_loads(s, count, block + (uint64_t)read * THAW_PAGE_SIZE);
		lock_take(&engine->fault.lock);
		if (engine->parent.generation != generation)
			return -ESTALE;
		memcpy(engine->parent.hashes + first + read, s->hashes, pages * sizeof(s->hashes[0]));
		read += pages;
	}
	*ret_pages = read;
	return 0;
}

int block_load(struct staging *s, uint64_t start, uint64_t first)
{
	struct fault_state *f = &engine->fault;
	uint64_t generation = engine->parent.generation;
	uint32_t read = 0;
	uint8_t *block;
	int error;

	lock_release(&f->lock);
	block = staging_next(s);
	lock_take(&f->lock);
	if (!block)
		return -ENOMEM;
	error = engine->parent.generation != generation ? -ESTALE : read_block(s, first, block, generation, &read);
	if (!error)
		error = install(start, first, read, block, generation);
	lock_release(&f->lock);
	staging_empty(block);
	lock_take(&f->lock);
	return error;
}
