/* SPDX-License-Identifier: Apache-2.0
 * How much is read around a fault: more where faults follow each other in the order of addresses, up or down.
 */
#include "fault/fault.h"

#define LEAST_BYTES	((uint64_t)LOAD_WINDOW_PAGES * THAW_PAGE_SIZE)

/* The stream that goes on at this page; STREAMS: none does. */
static uint32_t stream_at(uint64_t page)
{
	const struct stream *streams = engine->fault.streams.list;
	uint32_t i = 0;

	while (i < STREAMS && page - streams[i].end >= LEAST_BYTES && streams[i].start - 1 - page >= LEAST_BYTES)
		i++;
	return i;
}

uint32_t window_for(uint64_t page)
{
	const struct fault_state *f = &engine->fault;
	uint32_t i;

	if (f->load_all)		/* a block that is begun already: what waits for whole ones is held */
		return AHEAD_WINDOW_PAGES;
	if (f->window != LOAD_WINDOW_PAGES)	/* recording: which page was touched is to be known */
		return f->window;
	i = stream_at(page);
	if (i == STREAMS)
		return LOAD_WINDOW_PAGES;
	/* While recording they were smaller. */
	return (uint32_t)max_u64(LOAD_WINDOW_PAGES, min_u64(2 * f->streams.list[i].pages, AHEAD_WINDOW_PAGES));
}

const struct stream *window_note(uint64_t page, uint32_t pages)
{
	struct streams *s = &engine->fault.streams;
	uint64_t bytes = (uint64_t)pages * THAW_PAGE_SIZE, start = page & ~(bytes - 1);
	uint32_t i = stream_at(page);
	bool goes_on = i < STREAMS;

	if (!goes_on)
		i = s->turn++ % STREAMS;
	s->list[i] = (struct stream){ start, start + bytes, goes_on ? s->list[i].length + bytes : bytes, pages,
				      goes_on && start < s->list[i].start };
	return &s->list[i];
}
