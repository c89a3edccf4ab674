/* SPDX-License-Identifier: Apache-2.0
 * What the benchmark wants of libc. Its headers and the engine's declare the kernel's structures each in their own
 * way, so that no file includes both.
 */
#ifndef BENCH_HOST_H
#define BENCH_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Runs body(data) in a child process: a fresh address space, and no thread left over from the one before. `data` is
 * memory shared with the child. Ends the benchmark when the child fails.
 */
void host_in_child(void (*body)(void *), void *data);
void *host_shared(size_t bytes);

/* body(index, data) in `count` threads that start together; nanoseconds from the start to the end of the last. */
uint64_t host_threads(unsigned int count, void (*body)(unsigned int index, void *data), void *data);

/* One thread that nobody waits for. */
void host_background(void (*body)(void *), void *data);

/* CLOCK_MONOTONIC, without a system call. */
uint64_t host_now(void);

void host_sort(uint32_t *values, size_t count);

/* User and system time of this process so far. */
uint64_t host_cpu_ns(void);

/* handler(address) at each SIGBUS, on the stack of the thread that gets it. */
void host_on_sigbus(void (*handler)(uint64_t address));

/* libc's memcpy, with vector registers: the benchmark is linked with the engine's, which has none. */
void host_copy(void *to, const void *from, size_t bytes);

/* Called in this process before host_fail() or a signal such as SIGINT ends it; not in children. */
void host_before_end(void (*hook)(void));

/* One line on stderr; status 1. */
void host_fail(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

#endif
