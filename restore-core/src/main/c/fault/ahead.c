/* SPDX-License-Identifier: Apache-2.0
 * What is loaded ahead of use, and in which order: two threads may take pieces of it, each another block.
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

static bool is_under_way(uint64_t start)
{
	const struct ahead *a = &engine->fault.ahead;

	return a->under_way[0] == start || a->under_way[1] == start;
}

/* What a fault waits for; and then what lies behind it. */
static bool next_wanted(struct ahead *a, struct piece *ret)
{
	while (a->wanted_count) {
		uint64_t wanted = a->wanted[0], start, first;

		memmove(a->wanted, a->wanted + 1, --a->wanted_count * sizeof(a->wanted[0]));
		if (wanted >= engine->parent.view.crc_count)	/* of other tables */
			continue;
		start = block_start(wanted, &first);
		if (is_under_way(start) || !block_is_whole(start, first))
			continue;
		*ret = (struct piece){ first, BLOCK_PAGES, start };
		a->next = a->down ? first : first + BLOCK_PAGES;
		return true;
	}
	return false;
}

bool ahead_brings(uint64_t address)
{
	struct ahead *a = &engine->fault.ahead;
	const struct image_extent *e = extent_at(address);
	uint64_t index = e ? e->first_crc + ((address - e->start) >> THAW_PAGE_SHIFT) : 0, start, first;

	if (!e || engine->parent.states[index] != PAGE_MISSING)
		return false;
	start = block_start(index, &first);
	if (!block_is_whole(start, first))
		return false;
	for (uint32_t i = 0; i < a->wanted_count; i++)
		if (a->wanted[i] == first)
			return true;
	if (!is_under_way(start) && a->wanted_count < WANTED_BLOCKS)
		a->wanted[a->wanted_count++] = first;
	return true;
}

static bool next_downwards(struct ahead *a, struct piece *ret)
{
	const uint8_t *states = engine->parent.states;
	uint64_t end = min_u64(a->next, engine->parent.view.crc_count), start, first;

	for (;; end = first) {
		while (end > 0 && states[end - 1] != PAGE_MISSING)
			end--;
		if (end == 0)
			return false;
		start = block_start(end - 1, &first);
		if (first == ~0ull || !is_under_way(start))	/* under way: it may be of older tables */
			break;
	}
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

	for (;; at = first + BLOCK_PAGES) {
		while (at < count && states[at] != PAGE_MISSING)
			at++;
		if (at >= count)
			return false;
		start = block_start(at, &first);
		if (first == ~0ull || !is_under_way(start))	/* under way: it may be of older tables */
			break;
	}
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

	if (next_wanted(a, ret))
		return true;
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
	uint64_t *under_way = &engine->fault.ahead.under_way[t == &engine->fault.loader];
	struct piece p;

	if (engine->fault.load_all)
		block_advise();
	if (!next_piece(&p))
		return false;
	*under_way = p.block;
	if (!p.block || !t->staging || block_load(t->staging, p.block, p.first) != 0)
		ahead_load(l, p.first, p.pages, t->buffer);
	*under_way = 0;
	return true;
}
