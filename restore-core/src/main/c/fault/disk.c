/* SPDX-License-Identifier: Apache-2.0
 * Threads that wait for the disk, so that the server does not; one of them helps the loader when all is to be loaded.
 *
 * A faulting thread sleeps until its page is installed, by whomever; an entry of the queue that is served already
 * when its turn comes costs a system call.
 */
#include "fault/fault.h"
#include "restore/threads.h"

bool disk_hand_over(uint64_t page)
{
	struct disk_queue *q = &engine->fault.disk;

	for (uint32_t i = 0; i < q->count; i++)
		if (q->pages[(q->first + i) % DISK_QUEUE] == page)
			return true;
	if (q->count == DISK_QUEUE)
		return false;
	q->pages[(q->first + q->count++) % DISK_QUEUE] = page;
	__atomic_fetch_add(&q->changed, 1, __ATOMIC_RELEASE);
	sys_futex(&q->changed, FUTEX_WAKE | FUTEX_PRIVATE, 1, NULL);
	return true;
}

void disk_wake(void)
{
	struct disk_queue *q = &engine->fault.disk;

	__atomic_fetch_add(&q->changed, 1, __ATOMIC_RELEASE);
	sys_futex(&q->changed, FUTEX_WAKE | FUTEX_PRIVATE, DISK_THREADS, NULL);
}

/* Lock held at entry and return. */
static void serve_next(struct service *s)
{
	struct fault_state *f = &engine->fault;
	struct disk_queue *q = &f->disk;
	uint64_t page = q->pages[q->first];
	int error;

	q->first = (q->first + 1) % DISK_QUEUE;
	q->count--;
	q->reading++;
	error = serve_fault(s, page);
	q->reading--;
	q->reads++;
	/* The queue may have filled up meanwhile: then it faults again. */
	if (error == -EAGAIN) {
		if (!disk_hand_over(page))
			serve_wake(page);
		let_server_run();
	}
}

/* The loader's second thread, when all is to be loaded now. */
static bool help(struct service *s, const struct engine_thread *t)
{
	return t->staging && __atomic_load_n(&engine->fault.load_all, __ATOMIC_RELAXED) && ahead_step(&s->load, t);
}

/* Stack, limits and return as server_main(). */
static void disk_main(void *data)
{
	struct service *s = data;
	struct fault_state *f = &engine->fault;
	const struct engine_thread *t = &f->disk.threads[__atomic_fetch_add(&f->disk.started, 1, __ATOMIC_RELAXED)];

	s->buffer = t->buffer;
	s->patience = WAIT_FOR_DATA;
	lock_take(&f->lock);
	while (!f->all_loaded || f->disk.count) {	/* who waits for a page that was dropped must be woken, too */
		uint32_t seen = __atomic_load_n(&f->disk.changed, __ATOMIC_ACQUIRE);
		bool busy = f->disk.count || help(s, t);

		if (f->disk.count)
			serve_next(s);
		if (f->missing == 0 && !f->all_loaded)
			fault_finished();
		if (busy)
			continue;
		lock_release(&f->lock);
		sys_futex(&f->disk.changed, FUTEX_WAIT | FUTEX_PRIVATE, seen, NULL);
		lock_take(&f->lock);
	}
	lock_release(&f->lock);
	SYSCALL1(__NR_exit, 0);
}

void disk_start(void)
{
	struct disk_queue *q = &engine->fault.disk;

	for (uint32_t i = 0; i < DISK_THREADS; i++)
		threads_make_buffer(&q->threads[i]);
	staging_make(&q->threads[0]);
	for (uint32_t i = 0; i < DISK_THREADS; i++)
		threads_start_engine(&q->threads[i], "thaw-disk", disk_main, sizeof(struct service));
}
