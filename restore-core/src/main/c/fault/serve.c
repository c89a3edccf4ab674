/* SPDX-License-Identifier: Apache-2.0
 * The answer to one page fault.
 */
#include "fault/fault.h"
#include "fault/inject.h"
#include "fault/working_set.h"

#define BUSY_MOST_NS	500000u		/* that a fault takes: else the server had no processor */

void serve_wake(uint64_t page)
{
	struct uffdio_range range = { page, THAW_PAGE_SIZE };

	sys_ioctl(engine->fault.uffd, UFFDIO_WAKE, &range);
}

/* Zeros of its own: after UFFDIO_ZEROPAGE, which shares one page, the write would fault once more. */
static long install_zeros(uint64_t page, uint8_t *buffer)
{
	struct uffdio_copy copy = { .dst = page, .src = (uint64_t)buffer, .len = THAW_PAGE_SIZE };

	memset(buffer, 0, THAW_PAGE_SIZE);
	return sys_ioctl(engine->fault.uffd, UFFDIO_COPY, &copy);
}

static long share_zeros(uint64_t page)
{
	struct uffdio_zeropage zero = { .range = { page, THAW_PAGE_SIZE } };

	return sys_ioctl(engine->fault.uffd, UFFDIO_ZEROPAGE, &zero);
}

/* A page that the image does not have, or not any more. Wakes the faulting thread. */
static int serve_zero(const struct service *s, uint64_t page)
{
	long error;

	if (inject(INJECT_EAGAIN))
		error = -EAGAIN;
	else if (inject(INJECT_ENOMEM))
		error = -ENOMEM;
	else
		error = s->write ? install_zeros(page, s->buffer) : share_zeros(page);
	if (error == -EAGAIN) {
		engine->fault.retries++;
		return -EAGAIN;
	}
	if (error == -ENOMEM)
		return (int)load_wait_for_memory();
	if (!error)
		load_found_memory();
	if (error)
		serve_wake(page);		/* there already, or no longer registered: look again */
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

/* The server may have read meanwhile, in a disk thread's stead, that it was discarded or unmapped. */
static bool is_dropped(const struct load *l, uint64_t page)
{
	return engine->parent.states[l->index + ((page - l->address) >> THAW_PAGE_SHIFT)] == PAGE_DROPPED;
}

/* Lock held at entry and return; -ENOENT: it is not missing, or not any more. */
static int load_page(struct service *s, uint64_t page)
{
	struct fault_state *f = &engine->fault;
	enum read_result result;
	int error;

	do {
		uint32_t window = window_for(page);

		if (!load_around(page, window, &s->load)) {
			error = moved_load(s, page);
			continue;
		}
		lock_release(&f->lock);
		result = load_read(&s->load, s->buffer, s->patience);
		lock_take(&f->lock);
		if (result == READ_WOULD_WAIT)
			return disk_hand_over(page) ? -EINPROGRESS : -EAGAIN;
		hurry_if_needed(window_note(page, window));
		error = load_install(&s->load, s->buffer, &f->pages_demand);
		if (!error && is_dropped(&s->load, page))
			error = -ENOENT;	/* no UFFDIO_COPY has woken who waits */
		if (f->recording.log && !error && s->load.generation == 0)
			record_fault(s->load.index + ((page - s->load.address) >> THAW_PAGE_SHIFT), s->background);
	} while (error == -ESTALE);
	return error;
}

int serve_fault(struct service *s, uint64_t page)
{
	struct fault_state *f = &engine->fault;
	uint64_t start = now_ns(CLOCK_MONOTONIC), end;
	int error = load_page(s, page);

	if (error == -ENOENT)
		error = serve_zero(s, page);	/* wakes where another thread was faster */
	end = now_ns(CLOCK_MONOTONIC);
	if (!error)
		note_latency(end - start);
	if (!error && s->patience == ONLY_CACHED && f->disk.reading)
		f->disk.overtaken++;
	if (s->patience == ONLY_CACHED && error != -EAGAIN)
		f->hurry.busy_ns += min_u64(end - start, BUSY_MOST_NS);
	__atomic_store_n(&f->last_fault_ns, end, __ATOMIC_RELAXED);
	return error;
}
