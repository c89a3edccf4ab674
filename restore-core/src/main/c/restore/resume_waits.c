/* SPDX-License-Identifier: Apache-2.0 */
#include "restore/resume_waits.h"

#include "engine/engine.h"

#define NEAR_BYTES	(256u << 10)	/* above the frame: what is filled before the threads run, fault/fill.c */
#define SECOND_NS	1000000000ull

/*
 * glibc's futex_abstimed_wait: mov $__NR_futex, %eax; syscall. A signal interrupts FUTEX_WAIT_BITSET with EINTR (futex(2)), the
 * caller then waits again with the same deadline.
 */
static bool is_in_timed_futex(const struct ucontext *f)
{
	static const uint8_t call[] = { 0xb8, 202, 0, 0, 0, 0x0f, 0x05 };
	uint64_t command = f->rsi & ~(uint64_t)(FUTEX_PRIVATE | FUTEX_CLOCK_REALTIME);

	if ((int64_t)f->rax != -EINTR || command != FUTEX_WAIT_BITSET || (f->rip & (THAW_PAGE_SIZE - 1)) < sizeof(call))
		return false;
	return __builtin_memcmp((const void *)(f->rip - sizeof(call)), call, sizeof(call)) == 0;
}

void resume_wait(const struct ucontext *frame)
{
	struct timespec *deadline = (struct timespec *)frame->r10, now;

	/* A deadline elsewhere may be anybody's, or cannot be written. */
	if (frame->r10 - (uint64_t)frame >= NEAR_BYTES || frame->r10 % sizeof(uint64_t) || !is_in_timed_futex(frame))
		return;
	sys_clock_gettime(frame->rsi & FUTEX_CLOCK_REALTIME ? CLOCK_REALTIME : CLOCK_MONOTONIC, &now);
	if (deadline->tv_sec > now.tv_sec || (deadline->tv_sec == now.tv_sec && deadline->tv_nsec > now.tv_nsec))
		return;
	now.tv_nsec += (int64_t)EXPIRED_WAIT_NS;
	now.tv_sec += now.tv_nsec / (int64_t)SECOND_NS;
	now.tv_nsec %= (int64_t)SECOND_NS;
	*deadline = now;
}
