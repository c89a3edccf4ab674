/* SPDX-License-Identifier: Apache-2.0
 * Threads that wait for the disk, so that the server does not.
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

void disk_end(void)
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
	/* The server has to read an event first. The queue may have filled up meanwhile: then it faults again. */
	if (error == -EAGAIN) {
		if (!disk_hand_over(page))
			serve_wake(page);
		lock_release(&f->lock);
		sys_sched_yield();
		lock_take(&f->lock);
	}
}

/* Stack, limits and return as server_main(). */
static void disk_main(void *data)
{
	struct service *s = data;
	struct fault_state *f = &engine->fault;

	s->buffer = f->disk.threads[__atomic_fetch_add(&f->disk.started, 1, __ATOMIC_RELAXED)].buffer;
	s->patience = WAIT_FOR_DATA;
	lock_take(&f->lock);
	while (!f->all_loaded || f->disk.count) {	/* who waits for a page that was dropped must be woken, too */
		uint32_t seen = __atomic_load_n(&f->disk.changed, __ATOMIC_ACQUIRE);

		if (f->disk.count) {
			serve_next(s);
			if (f->missing == 0 && !f->all_loaded)
				fault_finished();
			continue;
		}
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
	for (uint32_t i = 0; i < DISK_THREADS; i++)
		threads_start_engine(&q->threads[i], "thaw-disk", disk_main, sizeof(struct service));
}
