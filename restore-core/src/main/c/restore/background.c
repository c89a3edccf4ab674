/* SPDX-License-Identifier: Apache-2.0 */
#include "restore/background.h"

#include "sys/syscall.h"

void background_note(const struct image_thread *t, uint32_t tid)
{
	struct background *b = &engine->fault.background;

	if (t->flags & THREAD_BACKGROUND && b->count < BACKGROUND_THREADS)
		b->tids[b->count++] = tid;
}

bool background_has(uint32_t tid)
{
	const struct background *b = &engine->fault.background;

	for (uint32_t i = 0; i < b->count; i++)
		if (b->tids[i] == tid)
			return true;
	return false;
}

void background_wait(const struct image_thread *t)
{
	uint32_t *go = &engine->fault.background.go;

	while (t->flags & THREAD_BACKGROUND && !__atomic_load_n(go, __ATOMIC_ACQUIRE))
		sys_futex(go, FUTEX_WAIT | FUTEX_PRIVATE, 0, NULL);
}

void background_plan(uint64_t now, bool later)
{
	if (later)
		__atomic_store_n(&engine->fault.background.from_ns, now + BACKGROUND_WAIT_NS, __ATOMIC_RELEASE);
	else
		background_start();
}

bool background_is_due(uint64_t now, bool calm)
{
	uint64_t from = __atomic_load_n(&engine->fault.background.from_ns, __ATOMIC_ACQUIRE);

	if (__atomic_load_n(&engine->fault.background.go, __ATOMIC_RELAXED))
		return true;
	if (!from || now < from || (!calm && now < from + BACKGROUND_MOST_NS - BACKGROUND_WAIT_NS))
		return false;
	background_start();
	return true;
}

void background_start(void)
{
	uint32_t *go = &engine->fault.background.go;

	__atomic_store_n(go, 1, __ATOMIC_RELEASE);
	sys_futex(go, FUTEX_WAKE | FUTEX_PRIVATE, 0x7fffffff, NULL);
}
