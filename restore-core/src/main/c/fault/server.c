/* SPDX-License-Identifier: Apache-2.0
 * The thread that answers userfaultfd.
 *
 * mm/userfaultfd.c: from the start of an munmap, madvise or mremap until its thread runs again after the event was
 * read, UFFDIO_COPY answers EAGAIN. read() gives pending faults before pending events. So a fault whose COPY gets
 * EAGAIN is put aside, and messages are read until it can be served.
 */
#include "fault/fault.h"
#include "restore/background.h"

#define MESSAGES	32u
#define DEFERRED	512u

/* So long after a fault the next one is looked for: to wake a thread on a halted processor takes as long as a fault. */
#define LOOK_NS		50000u

struct server {
	struct uffd_msg messages[MESSAGES];
	uint64_t deferred[DEFERRED];
	uint32_t deferred_count, held_count;
	struct held {
		uint64_t page, since_ns;
	} held[DEFERRED];		/* what a loader brings in, fault/hurry.c */
	struct service service;
	uint64_t cpus[MOST_CPUS / 64];
};

static void drop_range(uint64_t start, uint64_t end)
{
	struct fault_state *f = &engine->fault;
	const struct image_view *v = &engine->parent.view;

	moved_drop(start, end);
	for (uint64_t i = 0; i < v->region_count; i++) {
		const struct image_region *r = &v->regions[i];

		if (r->end <= start || r->start >= end)
			continue;
		for (uint64_t x = r->first_extent; x < r->first_extent + r->extents; x++) {
			const struct image_extent *e = &v->extents[x];
			uint64_t e_end = e->start + ((uint64_t)e->pages << THAW_PAGE_SHIFT);
			uint64_t at = max_u64(e->start, start), last = min_u64(e_end, end);

			for (; at < last; at += THAW_PAGE_SIZE) {
				uint8_t *state = &engine->parent.states[e->first_crc + ((at - e->start) >> THAW_PAGE_SHIFT)];

				if (*state == PAGE_MISSING) {
					f->missing--;
					f->pages_dropped++;
				}
				if (*state == PAGE_UNTRACKED)
					__atomic_fetch_sub(&f->blocks.untracked, 1, __ATOMIC_RELEASE);
				*state = PAGE_DROPPED;
			}
		}
	}
}

/* The moving thread waits for this event to be read, and has moved the mapping already. */
static void move_range(uint64_t from, uint64_t to, uint64_t bytes)
{
	drop_range(to, to + bytes);	/* what was there is overwritten */
	moved_note(from, to, bytes);
	drop_range(from, from + bytes);
}

static void handle_event(const struct uffd_msg *m)
{
	switch (m->event) {
	case UFFD_EVENT_REMOVE:
	case UFFD_EVENT_UNMAP:
		drop_range(m->arg.remove.start, m->arg.remove.end);
		break;
	case UFFD_EVENT_REMAP:
		if (m->arg.remap.from != m->arg.remap.to)
			move_range(m->arg.remap.from, m->arg.remap.to, m->arg.remap.len);
		break;
	default:
		break;
	}
}

static void defer(struct server *s, uint64_t page)
{
	for (uint32_t i = 0; i < s->deferred_count; i++)
		if (s->deferred[i] == page)
			return;
	if (s->deferred_count < DEFERRED)
		s->deferred[s->deferred_count++] = page;
	else
		serve_wake(page);	/* it faults again, and is a message again */
}

static void retry_deferred(struct server *s)
{
	uint32_t count = s->deferred_count;

	s->service.write = s->service.background = false;
	s->deferred_count = 0;
	for (uint32_t i = 0; i < count; i++)
		if (serve_fault(&s->service, s->deferred[i]) == -EAGAIN)
			defer(s, s->deferred[i]);
}

static void serve_or_defer(struct server *s, uint64_t page)
{
	if (serve_fault(&s->service, page) == -EAGAIN)
		defer(s, page);
}

/* Whose page is there by now, or shall not be waited for any longer. */
static void serve_held(struct server *s, uint64_t now)
{
	uint32_t count = s->held_count;

	s->service.write = s->service.background = false;
	s->held_count = 0;
	for (uint32_t i = 0; i < count; i++) {
		struct held h = s->held[i];

		if (hurry_holds(h.page, h.since_ns, now))
			s->held[s->held_count++] = h;
		else
			serve_or_defer(s, h.page);
	}
}

static void handle_messages(struct server *s, uint32_t count)
{
	uint64_t now = now_ns(CLOCK_MONOTONIC);

	for (uint32_t i = 0; i < count; i++)
		if (s->messages[i].event != UFFD_EVENT_PAGEFAULT)
			handle_event(&s->messages[i]);
	serve_held(s, now);
	for (uint32_t i = 0; i < count; i++) {
		const struct uffd_msg *m = &s->messages[i];
		uint64_t page = m->arg.pagefault.address & ~(uint64_t)(THAW_PAGE_SIZE - 1);

		if (m->event != UFFD_EVENT_PAGEFAULT)
			continue;
		s->service.write = m->arg.pagefault.flags & UFFD_PAGEFAULT_FLAG_WRITE;
		s->service.background = background_has(m->arg.pagefault.ptid);
		if (s->held_count < DEFERRED && hurry_holds(page, now, now))
			s->held[s->held_count++] = (struct held){ page, now };
		else
			serve_or_defer(s, page);
	}
}

/* With one processor the application would wait for it. */
static uint64_t look_ns(struct server *s)
{
	long bytes = sys_sched_getaffinity(0, sizeof(s->cpus), s->cpus);
	bool one = false;

	for (long i = 0; i < bytes / 8; i++) {
		uint64_t cpus = s->cpus[i];

		if (cpus & (cpus - 1) || (cpus && one))
			return LOOK_NS;
		one |= cpus != 0;
	}
	return 0;
}

/*
 * `timeout` in milliseconds, as poll(2) has it. Not sched_yield(): who yields is not woken by a fault, and waits for others'
 * time slices.
 */
static void await_message(int timeout, uint64_t look)
{
	const struct fault_state *f = &engine->fault;
	struct pollfd poll = { .fd = f->uffd, .events = POLLIN };
	uint64_t until = __atomic_load_n(&f->last_fault_ns, __ATOMIC_RELAXED) + look;

	while (now_ns(CLOCK_MONOTONIC) < until) {
		if (sys_poll(&poll, 1, 0) != 0)
			return;
		__builtin_ia32_pause();
	}
	sys_poll(&poll, 1, timeout);
}

/*
 * Whose stack: its own, in the zone. May not touch: anything outside the zone and libthaw.so (it might be missing,
 * and nobody else would bring it in). Never returns.
 */
_Static_assert(sizeof(struct server) <= SERVER_DATA_BYTES, "mapped by the restore");

void server_main(void *data)
{
	struct server *s = data;
	struct fault_state *f = &engine->fault;
	uint64_t look;

	s->service.buffer = f->server.buffer;
	s->service.patience = ONLY_CACHED;
	look = look_ns(s);
	for (;;) {
		long got;

		await_message(s->deferred_count ? 0 : f->moved.count || s->held_count ? 1 : -1, s->deferred_count ? 0 : look);
		lock_take(&f->lock);
		got = sys_read(f->uffd, s->messages, sizeof(s->messages));
		handle_messages(s, got > 0 ? (uint32_t)got / sizeof(struct uffd_msg) : 0);
		retry_deferred(s);
		moved_serve(&s->service);
		if (f->missing == 0 && !f->all_loaded)
			fault_finished();
		lock_release(&f->lock);
		if (s->deferred_count)
			sys_sched_yield();
	}
}
