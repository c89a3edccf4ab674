/* SPDX-License-Identifier: Apache-2.0
 * Locks that know their owner by a tid: free before anything is stored (struct thaw_tid_place).
 */
#ifndef THAW_QUIESCE_TID_LOCKS_H
#define THAW_QUIESCE_TID_LOCKS_H

#include "quiesce/park.h"

/* To be called while all threads are parked. A lock that is held, NULL: none; and its owner. */
const struct thaw_tid_place *tid_locks_held(uint32_t *ret_tid);

/*
 * To be called while all threads are parked. True when one is perhaps about to take such a lock, with its tid in hand already. Perhaps:
 * a register may also keep such a value for long after.
 */
bool tid_locks_wanted(const struct quiesce *q);

#endif
