/* SPDX-License-Identifier: Apache-2.0
 * A mutex between the engine's own threads and a checkpoint. No application thread ever waits for it in a
 * state that the engine waits for. Ulrich Drepper, "Futexes are tricky", mutex 2.
 */
#ifndef THAW_ENGINE_LOCK_H
#define THAW_ENGINE_LOCK_H

#include <stdbool.h>

#include "sys/syscall.h"

struct lock {
	uint32_t word;			/* 0 free, 1 held, 2 held and somebody waits */
};

static inline void lock_take(struct lock *l)
{
	uint32_t expected = 0;

	if (__atomic_compare_exchange_n(&l->word, &expected, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return;
	while (__atomic_exchange_n(&l->word, 2, __ATOMIC_ACQUIRE) != 0)
		sys_futex(&l->word, FUTEX_WAIT | FUTEX_PRIVATE, 2, NULL);
}

static inline void lock_release(struct lock *l)
{
	if (__atomic_exchange_n(&l->word, 0, __ATOMIC_RELEASE) == 2)
		sys_futex(&l->word, FUTEX_WAKE | FUTEX_PRIVATE, 1, NULL);
}

#endif
