/* SPDX-License-Identifier: Apache-2.0
 * The thread that answers userfaultfd.
 *
 * mm/userfaultfd.c: from the start of an munmap, madvise or mremap until its thread runs again after the event was
 * read, UFFDIO_COPY answers EAGAIN. read() gives pending faults before pending events. So a fault whose COPY gets
 * EAGAIN is put aside, and messages are read until it can be served.
 */
#include "fault/fault.h"
#include "fault/working_set.h"

#define MESSAGES	32u
#define DEFERRED	512u

struct server {
	struct uffd_msg messages[MESSAGES];
	uint64_t deferred[DEFERRED];
	uint32_t deferred_count;
	struct load load;
};

static void wake(uint64_t page)
{
	struct uffdio_range range = { page, THAW_PAGE_SIZE };

	sys_ioctl(engine->fault.uffd, UFFDIO_WAKE, &range);
}

/* A page that the image does not have, or not any more. UFFDIO_ZEROPAGE wakes the faulting thread. */
static int serve_zero(uint64_t page)
{
	struct uffdio_zeropage zero = { .range = { page, THAW_PAGE_SIZE } };
	long error = sys_ioctl(engine->fault.uffd, UFFDIO_ZEROPAGE, &zero);

	if (error == -EAGAIN) {
		engine->fault.retries++;
		return -EAGAIN;
	}
	if (error == -ENOMEM)
		fatal(EXIT_RESTORE, "no memory for a zero page", error, "with a memory limit: raise it");
	if (error)
		wake(page);		/* there already, or no longer registered: look again */
	else
		engine->fault.pages_zero++;
	return 0;
}

static void note_latency(uint64_t ns)
{
	struct fault_state *f = &engine->fault;
	uint64_t us = ns / 1000;
	int slot = 0;

	while (slot < 31 && us >> slot)
		slot++;
	f->histogram[slot]++;
	f->faults++;
	f->fault_ns_total += ns;
	f->fault_ns_max = max_u64(f->fault_ns_max, ns);
}

/* Lock held at entry and return; released while the data is read. */
static int serve_page(struct server *s, uint64_t page)
{
	struct fault_state *f = &engine->fault;
	uint64_t start = now_ns(CLOCK_MONOTONIC), end;
	int error;

	do {
		if (!load_around(page, f->window, &s->load)) {
			error = -ENOENT;
			break;
		}
		lock_release(&f->lock);
		load_read(&s->load, f->server.buffer);
		lock_take(&f->lock);
		error = load_install(&s->load, f->server.buffer, &f->pages_demand);
		if (f->recording.log && !error && s->load.generation == 0)
			record_fault(s->load.index + ((page - s->load.address) >> THAW_PAGE_SHIFT));
	} while (error == -ESTALE);
	if (error == -ENOENT) {
		error = serve_zero(page);	/* wakes where the loader was faster */
	}
	end = now_ns(CLOCK_MONOTONIC);
	if (!error)
		note_latency(end - start);
	__atomic_store_n(&f->last_fault_ns, end, __ATOMIC_RELAXED);
	return error;
}

static void handle_event(struct server *s, const struct uffd_msg *m);
static void defer(struct server *s, uint64_t page);

static void drop_range(uint64_t start, uint64_t end)
{
	struct fault_state *f = &engine->fault;
	const struct image_view *v = &engine->parent.view;

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
				*state = PAGE_DROPPED;
			}
		}
	}
}

/* Another thread's event may be what holds the COPY up; it waits to be read. Faults wait for their turn. */
static void drain_while_moving(struct server *s)
{
	struct uffd_msg m;

	if (sys_read(engine->fault.uffd, &m, sizeof(m)) != sizeof(m))
		return;
	if (m.event == UFFD_EVENT_PAGEFAULT)
		defer(s, m.arg.pagefault.address & ~(uint64_t)(THAW_PAGE_SIZE - 1));
	else
		handle_event(s, &m);
}

/*
 * mremap(2): the contents go along, those not loaded yet, too, and only we know them. The moving thread waits for
 * this event to be read and has moved the mapping already.
 */
static void move_range(struct server *s, uint64_t from, uint64_t to, uint64_t bytes)
{
	struct fault_state *f = &engine->fault;
	uint64_t ignored = 0;
	long error;

	for (uint64_t at = 0; at < bytes; at += THAW_PAGE_SIZE) {
		struct uffdio_copy copy = { .dst = to + at, .src = (uint64_t)f->server.buffer, .len = THAW_PAGE_SIZE,
					    .mode = f->copy_mode };

		if (!load_around(from + at, 1, &s->load))
			continue;
		lock_release(&f->lock);
		load_read(&s->load, f->server.buffer);
		lock_take(&f->lock);
		while ((error = sys_ioctl(f->uffd, UFFDIO_COPY, &copy)) == -EAGAIN) {
			drain_while_moving(s);
			sys_sched_yield();
		}
		if (error && error != -EEXIST && error != -ENOENT)
			fatal(EXIT_RESTORE, "a moved page cannot be put in place (UFFDIO_COPY)", error, "");
		ignored++;
	}
	f->pages_demand += ignored;
	drop_range(from, from + bytes);
	drop_range(to, to + bytes);
}

static void handle_event(struct server *s, const struct uffd_msg *m)
{
	switch (m->event) {
	case UFFD_EVENT_REMOVE:
	case UFFD_EVENT_UNMAP:
		drop_range(m->arg.remove.start, m->arg.remove.end);
		break;
	case UFFD_EVENT_REMAP:
		if (m->arg.remap.from != m->arg.remap.to)
			move_range(s, m->arg.remap.from, m->arg.remap.to, m->arg.remap.len);
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
		wake(page);		/* it faults again, and is a message again */
}

static void retry_deferred(struct server *s)
{
	uint32_t count = s->deferred_count;

	s->deferred_count = 0;
	for (uint32_t i = 0; i < count; i++)
		if (serve_page(s, s->deferred[i]) == -EAGAIN)
			defer(s, s->deferred[i]);
}

static void handle_messages(struct server *s, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (s->messages[i].event != UFFD_EVENT_PAGEFAULT)
			handle_event(s, &s->messages[i]);
	for (uint32_t i = 0; i < count; i++) {
		uint64_t page = s->messages[i].arg.pagefault.address & ~(uint64_t)(THAW_PAGE_SIZE - 1);

		if (s->messages[i].event == UFFD_EVENT_PAGEFAULT && serve_page(s, page) == -EAGAIN)
			defer(s, page);
	}
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

	for (;;) {
		struct pollfd poll = { .fd = f->uffd, .events = POLLIN };
		long got;

		sys_poll(&poll, 1, s->deferred_count ? 0 : -1);
		lock_take(&f->lock);
		got = sys_read(f->uffd, s->messages, sizeof(s->messages));
		if (got > 0)
			handle_messages(s, (uint32_t)got / sizeof(struct uffd_msg));
		retry_deferred(s);
		if (f->missing == 0 && !f->all_loaded)
			fault_finished();
		lock_release(&f->lock);
		if (s->deferred_count)
			sys_sched_yield();
	}
}
