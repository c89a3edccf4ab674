/* SPDX-License-Identifier: Apache-2.0
 * The thread that loads ahead of use, in the order of addresses.
 */
#include "fault/fault.h"

#define LOADER_NICE	10
#define QUIET_NS	2000000ull
#define PAUSE_NS	500000

/* Faults go first: while they come, little is loaded ahead. Not in user mode, where the window shall be short. */
static void yield_to_faults(const struct fault_state *f)
{
	struct timespec pause = { .tv_nsec = PAUSE_NS };

	if (f->mode == UFFD_FULL && !__atomic_load_n(&f->load_all, __ATOMIC_RELAXED)
	    && now_ns(CLOCK_MONOTONIC) - __atomic_load_n(&f->last_fault_ns, __ATOMIC_RELAXED) < QUIET_NS)
		sys_nanosleep(&pause);
}

static void load_everything(struct load *l)
{
	struct fault_state *f = &engine->fault;
	uint64_t cursor = 0;

	lock_take(&f->lock);
	while (load_next(&cursor, l)) {
		int error;

		lock_release(&f->lock);
		yield_to_faults(f);
		load_read(l, f->loader.buffer);
		lock_take(&f->lock);
		error = load_install(l, f->loader.buffer, &f->pages_ahead);
		if (error == -EAGAIN) {	/* the server has to read an event first */
			lock_release(&f->lock);
			sys_sched_yield();
			lock_take(&f->lock);
		}
		if (error)		/* the tables may be others now */
			cursor = 0;
	}
	if (f->missing == 0 && !f->all_loaded)
		fault_finished();
	lock_release(&f->lock);
}

/* What is loaded ahead is not touched: so nothing is until the record is complete, or all is asked for. */
static void wait_for_record(struct fault_state *f)
{
	for (;;) {
		uint64_t now = now_ns(CLOCK_MONOTONIC), left = f->record_until > now ? f->record_until - now : 0;
		struct timespec rest = { .tv_sec = (int64_t)(left / 1000000000), .tv_nsec = (int64_t)(left % 1000000000) };

		if (!left || __atomic_load_n(&f->load_all, __ATOMIC_ACQUIRE))
			break;
		sys_futex(&f->load_all, FUTEX_WAIT | FUTEX_PRIVATE, 0, &rest);
	}
	record_finish();
}

/* Stack, limits and return as server_main(). */
void loader_main(void *data)
{
	struct load *l = data;
	struct fault_state *f = &engine->fault;

	if (f->preload)
		record_load_second_half();
	/* Of this thread only: setpriority(2), "C library/kernel differences". */
	if (f->mode == UFFD_FULL)
		sys_setpriority(PRIO_PROCESS, 0, LOADER_NICE);
	if (f->touched)
		wait_for_record(f);
	for (;;) {
		if (f->prefetch || __atomic_load_n(&f->load_all, __ATOMIC_ACQUIRE))
			load_everything(l);
		if (__atomic_load_n(&f->all_loaded, __ATOMIC_ACQUIRE))
			break;
		sys_futex(&f->load_all, FUTEX_WAIT | FUTEX_PRIVATE, 0, NULL);
	}
	SYSCALL1(__NR_exit, 0);
}
