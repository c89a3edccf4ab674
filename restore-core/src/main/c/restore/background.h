/* SPDX-License-Identifier: Apache-2.0
 * Threads that start a little later than the others: HotSpot's own (checkpoint/threads.c). What they would do
 * first competes with the first answer for the processors, and for memory that is not there yet. So where the
 * working set is used they wait, and what they touch is not loaded before the start.
 */
#ifndef THAW_RESTORE_BACKGROUND_H
#define THAW_RESTORE_BACKGROUND_H

#include "engine/engine.h"

#define BACKGROUND_WAIT_NS	20000000ull	/* longer than the other threads, and then until these leave half a processor idle, */
#define BACKGROUND_MOST_NS	200000000ull	/* or so long */

/* Before the threads run: this one is one of them. */
void background_note(const struct image_thread *t, uint32_t tid);
bool background_has(uint32_t tid);
/* The thread itself: returns when it may run. */
void background_wait(const struct image_thread *t);
/* The others run from now on: when these may, unless it is at once. */
void background_plan(uint64_t now, bool later);
bool background_is_due(uint64_t now, bool calm);	/* starts them then */
void background_start(void);

#endif
