/* SPDX-License-Identifier: Apache-2.0
 * What is loaded ahead of use, and in which order: two threads may take pieces of it.
 */
#include "fault/fault.h"

/* Where the missing pages that end before index `end` begin, `most` at most. */
static uint64_t run_before(uint64_t end, uint64_t least, uint64_t most)
{
	const uint8_t *states = engine->parent.states;
	uint64_t first = end;

	while (first > least && end - first < most && states[first - 1] == PAGE_MISSING)
		first--;
	return first;
}

struct piece {
	uint64_t first, pages;
	uint64_t block;			/* its address when it is a whole one, or 0 */
};

static bool next_downwards(struct ahead *a, struct piece *ret)
{
	const uint8_t *states = engine->parent.states;
	uint64_t end = min_u64(a->next, engine->parent.view.crc_count), start, first;

	while (end > 0 && states[end - 1] != PAGE_MISSING)
		end--;
	if (end == 0)
		return false;
	start = block_start(end - 1, &first);
	if (first != ~0ull && end == first + BLOCK_PAGES && block_is_whole(start, first)) {
		*ret = (struct piece){ first, BLOCK_PAGES, start };
	} else {
		uint64_t from = run_before(end, first == ~0ull ? 0 : first, AHEAD_WINDOW_PAGES);

		*ret = (struct piece){ from, end - from, 0 };
	}
	a->next = ret->first;
	return true;
}

static bool next_upwards(struct ahead *a, struct piece *ret)
{
	const uint8_t *states = engine->parent.states;
	uint64_t count = engine->parent.view.crc_count, at = a->next, start, first;

	while (at < count && states[at] != PAGE_MISSING)
		at++;
	if (at >= count)
		return false;
	start = block_start(at, &first);
	if (first == at && block_is_whole(start, first))
		*ret = (struct piece){ first, BLOCK_PAGES, start };
	else	/* up to the next block */
		*ret = (struct piece){ at, min_u64(AHEAD_WINDOW_PAGES, first == ~0ull ? AHEAD_WINDOW_PAGES
						   : first + BLOCK_PAGES - at), 0 };
	a->next = at + ret->pages;
	return true;
}

/* From where it went on last, then upwards from the first page. */
static bool next_piece(struct piece *ret)
{
	struct ahead *a = &engine->fault.ahead;

	if (a->down && next_downwards(a, ret))
		return true;
	a->down = false;
	if (next_upwards(a, ret))
		return true;
	a->next = 0;
	return next_upwards(a, ret);
}

void ahead_turn(uint64_t address, bool down)
{
	struct ahead *a = &engine->fault.ahead;
	const struct image_extent *e = extent_at(address);

	if (!e)
		return;
	a->next = e->first_crc + ((address - e->start) >> THAW_PAGE_SHIFT);
	a->down = down;
}

void ahead_load(struct load *l, uint64_t first, uint64_t pages, uint8_t *buffer)
{
	struct fault_state *f = &engine->fault;
	uint64_t end = first + pages, generation = engine->parent.generation;

	while (engine->parent.generation == generation && load_next(&first, end, l)) {
		lock_release(&f->lock);
		load_read(l, buffer, WAIT_FOR_DATA);
		lock_take(&f->lock);
		if (load_install(l, buffer, &f->pages_ahead) == -EAGAIN)
			let_server_run();
	}
}

bool ahead_step(struct load *l, const struct engine_thread *t)
{
	struct piece p;

	if (!next_piece(&p))
		return false;
	if (!p.block || !t->block || block_load(l, p.block, p.first, t->block) != 0)
		ahead_load(l, p.first, p.pages, t->buffer);
	return true;
}
