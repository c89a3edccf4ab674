/* SPDX-License-Identifier: Apache-2.0
 * When all is loaded: the image is closed, faults are the kernel's again, tracking and events go on.
 */
#include "fault/fault.h"

#include "track/track.h"

/* A span that now holds mappings which cannot be registered as a whole: page by page, those that can. */
static void register_pieces(int uffd, const struct span *s)
{
	for (uint64_t at = s->start; at < s->end;) {
		uint64_t bytes = s->end - at;

		/* Halve until it fits; a single page that does not fit was never ours. */
		while (bytes > THAW_PAGE_SIZE && uffd_register(uffd, at, at + bytes, UFFDIO_REGISTER_MODE_WP) != 0)
			bytes = align_up(bytes / 2, THAW_PAGE_SIZE);
		if (bytes == THAW_PAGE_SIZE)
			uffd_register(uffd, at, at + bytes, UFFDIO_REGISTER_MODE_WP);
		at += bytes;
	}
}

void fault_finished(void)
{
	struct fault_state *f = &engine->fault;

	block_end_advice();
	for (uint64_t i = 0; i < f->span_count; i++)
		if (uffd_register(f->uffd, f->spans[i].start, f->spans[i].end, UFFDIO_REGISTER_MODE_WP) != 0)
			register_pieces(f->uffd, &f->spans[i]);
	f->span_count = 0;
	for (uint32_t i = 0; i < THAW_MAX_SOURCES; i++) {
		if (f->sources[i] >= 0)
			sys_close(f->sources[i]);
		f->sources[i] = -1;
	}
	f->loaded_ns = now_ns(CLOCK_MONOTONIC) - f->start_ns;
	__atomic_store_n(&f->all_loaded, 1, __ATOMIC_RELEASE);
	sys_futex(&f->all_loaded, FUTEX_WAKE | FUTEX_PRIVATE, 0x7fffffff, NULL);
	__atomic_store_n(&f->load_all, 1, __ATOMIC_RELEASE);
	sys_futex(&f->load_all, FUTEX_WAKE | FUTEX_PRIVATE, 1, NULL);
	disk_wake();
}

int fault_load_all(void)
{
	struct timespec look_again = { .tv_nsec = 10000000 };

	if (!engine->restored)
		return 0;
	/* A snapshot may be taken, and restored, while this thread waits: another engine then. */
	while (!__atomic_load_n(&engine->fault.all_loaded, __ATOMIC_ACQUIRE)) {
		fault_hurry();
		sys_futex(&engine->fault.all_loaded, FUTEX_WAIT | FUTEX_PRIVATE, 0, &look_again);
	}
	return 0;
}
