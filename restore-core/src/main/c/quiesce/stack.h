/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_QUIESCE_STACK_H
#define THAW_QUIESCE_STACK_H

#include <stdint.h>

/* Calls run(data) with the stack pointer at top (16-aligned) and comes back to the caller's stack. */
void call_on_stack(void (*run)(void *), void *data, uint64_t top);

/* What the kernel returns to from a signal handler: rt_sigreturn. */
void signal_return(void);

/* Leaves for the interrupted code of a signal frame; the kernel finds it at the stack pointer. */
void return_from_frame(uint64_t ucontext) __attribute__((noreturn));

/*
 * clone(2) for a thread that starts run(data) on a stack of its own and never returns from it.
 * The tid, or -errno.
 */
long clone_thread(uint64_t flags, uint64_t stack_top, uint32_t *tid, uint64_t tls, void (*run)(void *), void *data);

#endif
