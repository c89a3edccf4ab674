/* SPDX-License-Identifier: Apache-2.0
 * When the application is about to touch all of its memory, nothing is served better by waiting: all is loaded then, by two
 * threads, beginning where the faults are.
 */
#include "fault/fault.h"

#define STREAM_BYTES	(2ull << 20)	/* read in order: by a scan, not by an answer */
#define COLLECTION	32u		/* faults of one collection: of the old generation */
#define HOLD_NS		20000000ull
#define HURRY_NS	1000000000ull
#define SLOT_NS		100000000ull
#define SLOT_BUSY_NS	40000000ull	/* in such a slot the server was busy: faults at random, some 40 MiB */

void fault_hurry(void)
{
	struct fault_state *f = &engine->fault;

	__atomic_store_n(&f->load_all, 1, __ATOMIC_RELEASE);
	sys_futex(&f->load_all, FUTEX_WAKE | FUTEX_PRIVATE, 1, NULL);
	disk_wake();
}

static bool are_many(struct hurry *h)
{
	uint64_t now = engine->fault.last_fault_ns;
	bool many = now - h->slot_ns < SLOT_NS && h->busy_ns - h->slot_busy_ns >= SLOT_BUSY_NS;

	if (now - h->slot_ns >= SLOT_NS) {
		h->slot_ns = now;
		h->slot_busy_ns = h->busy_ns;
	}
	return many;
}

/* The collection that is under way: a young one stays where the application was. */
static bool goes_everywhere(const struct hurry *h)
{
	return __atomic_load_n(&h->collecting, __ATOMIC_RELAXED)
		&& engine->fault.faults - __atomic_load_n(&h->faults, __ATOMIC_RELAXED) >= COLLECTION;
}

void hurry_if_needed(const struct stream *s)
{
	struct fault_state *f = &engine->fault;
	struct hurry *h = &f->hurry;
	bool stream = s->length >= STREAM_BYTES;

	if (!f->prefetch)
		return;
	if (stream)
		ahead_turn(s->down ? s->start : s->end, s->down);
	if (f->load_all)
		return;
	if (stream || goes_everywhere(h)
	    /* Smaller windows, as for an exact record: the faults of an answer are as many. */
	    || (f->window == LOAD_WINDOW_PAGES && are_many(h)))
		fault_hurry();
}

/*
 * Each fault that is answered puts small pages where a huge one could have gone, and takes the loaders' processors. So the
 * block of that page is loaded next instead: while a collection goes everywhere, in which no Java runs, and when not, only
 * in the first second, in which some 3 GB are loaded.
 */
bool hurry_holds(uint64_t page, uint64_t since_ns, uint64_t now)
{
	const struct fault_state *f = &engine->fault;
	struct hurry *h = &engine->fault.hurry;

	if (!f->load_all || !f->loader.staging || engine->busy)	/* a checkpoint may need it in its pause */
		return false;
	if (!h->since_ns)
		h->since_ns = now;
	return now - since_ns < HOLD_NS && (goes_everywhere(h) || now - h->since_ns < HURRY_NS) && ahead_brings(page);
}

void hurry_collection(bool under_way)
{
	struct fault_state *f = &engine->fault;

	__atomic_store_n(&f->hurry.faults, f->faults, __ATOMIC_RELAXED);
	__atomic_store_n(&f->hurry.collecting, under_way, __ATOMIC_RELAXED);
}
