/* SPDX-License-Identifier: Apache-2.0
 * Timed waits that have expired since the checkpoint: idle timers, pools, schedulers. All would be due at once, and compete with the
 * first answer for the processors and for pages that are not there yet. So they expire a little later; who is notified is woken
 * at once, as ever.
 */
#ifndef THAW_RESTORE_WAITS_H
#define THAW_RESTORE_WAITS_H

#include "sys/abi.h"

#define EXPIRED_WAIT_NS		250000000ull	/* so that the record of the first answer is without them: its burst ends RECORD_PAUSE_NS after a fault */

/*
 * Of a thread that has not run yet, by its signal frame: its wait in glibc's futex(2) with a deadline (pthread_cond_timedwait(3) and so
 * Object.wait, LockSupport.parkNanos, Thread.sleep) ends EXPIRED_WAIT_NS from now, if it should have ended. Others are left alone: epoll_wait(2)
 * has no deadline.
 */
void resume_wait(const struct ucontext *frame);

#endif
