/* SPDX-License-Identifier: Apache-2.0
 * The thread that loads ahead of use, in the order of addresses.
 */
#include "fault/fault.h"

static void load_everything(struct load *l)
{
	struct fault_state *f = &engine->fault;
	uint64_t cursor = 0;

	lock_take(&f->lock);
	while (load_next(&cursor, l)) {
		int error;

		lock_release(&f->lock);
		load_read(l, f->loader.buffer);
		lock_take(&f->lock);
		error = load_install(l, f->loader.buffer, &f->pages_ahead);
		if (error == -EAGAIN) {	/* the server has to read an event first */
			lock_release(&f->lock);
			sys_sched_yield();
			lock_take(&f->lock);
		}
		if (error == -ESTALE)
			cursor = 0;
	}
	if (f->missing == 0 && !f->all_loaded)
		fault_finished();
	lock_release(&f->lock);
}

/* Stack, limits and return as server_main(). */
void loader_main(void *data)
{
	struct load *l = data;
	struct fault_state *f = &engine->fault;

	for (;;) {
		if (f->prefetch || __atomic_load_n(&f->load_all, __ATOMIC_ACQUIRE))
			load_everything(l);
		if (__atomic_load_n(&f->all_loaded, __ATOMIC_ACQUIRE))
			break;
		sys_futex(&f->load_all, FUTEX_WAIT | FUTEX_PRIVATE, 0, NULL);
	}
	SYSCALL1(__NR_exit, 0);
}
