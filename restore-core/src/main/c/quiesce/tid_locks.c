/* SPDX-License-Identifier: Apache-2.0 */
#include "quiesce/tid_locks.h"

#include "engine/engine.h"

/* nptl's struct __pthread_mutex_s, bits/struct_mutex.h */
struct mutex {
	uint32_t lock;			/* 0: free */
	uint32_t count;
	uint32_t owner;
};

const struct thaw_tid_place *tid_locks_held(uint32_t *ret_tid)
{
	for (uint64_t i = 0; i < engine_saved.tid_place_count; i++) {
		const struct thaw_tid_place *place = &engine_saved.tid_places[i];
		const struct mutex *mutex = (const struct mutex *)place->mutex;

		if (place->kind != TID_LOCK || !__atomic_load_n(&mutex->lock, __ATOMIC_ACQUIRE))
			continue;
		*ret_tid = mutex->owner;
		return place;
	}
	return NULL;
}

static bool inside(const struct thaw_tid_place *place, uint64_t address)
{
	return address - place->start < place->bytes;
}

static bool wants(const struct thaw_tid_place *place, const struct parked *thread)
{
	const struct ucontext *frame = (const struct ucontext *)thread->frame;
	const uint64_t *registers = &frame->r8;		/* the first of fifteen, rip not among them */

	if (place->kind == TID_CODE && !inside(place, frame->rip))
		return false;
	for (int i = 0; i < 15; i++)
		if (place->kind == TID_CODE ? registers[i] == thread->tid : inside(place, registers[i]))
			return true;
	return false;
}

bool tid_locks_wanted(const struct quiesce *q)
{
	uint32_t used = (uint32_t)min_u64(__atomic_load_n(&q->used, __ATOMIC_ACQUIRE), q->capacity);

	for (uint32_t i = 0; i < used; i++) {
		const struct parked *thread = &q->slots[i];

		if (__atomic_load_n(&thread->epoch, __ATOMIC_ACQUIRE) != q->epoch)
			continue;
		for (uint64_t k = 0; k < engine_saved.tid_place_count; k++)
			if (wants(&engine_saved.tid_places[k], thread))
				return true;
	}
	return false;
}
