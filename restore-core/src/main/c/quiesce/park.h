/* SPDX-License-Identifier: Apache-2.0
 * Quiesce: every thread of the process but the engine's stands still in a signal handler.
 *
 * The signal is SIGTRAP by tgkill: the one that HotSpot's SEGV/BUS/... handlers leave unblocked while they
 * take locks (signals_posix.cpp), and that x86 HotSpot does not use.
 */
#ifndef THAW_QUIESCE_PARK_H
#define THAW_QUIESCE_PARK_H

#include <stdbool.h>
#include <stdint.h>

#include "sys/abi.h"
#include "thaw.h"

struct parked {
	uint32_t tid;
	uint32_t epoch;			/* the attempt it stands still in; written last */
	uint32_t busy;			/* 1 while a thread uses the slot */
	uint64_t frame;			/* its ucontext */
	uint64_t fs_base, gs_base;
	uint64_t tid_address;
	uint64_t robust_list, robust_bytes;
	char name[16];
};

struct tid_entry {
	uint32_t tid;			/* 0: free */
	uint32_t signalled;		/* epoch it was last signalled in */
	uint32_t seen;			/* epoch it was seen standing still in */
};

struct quiesce {
	uint32_t epoch;			/* futex; odd while threads shall stand still */
	uint32_t arrivals;		/* futex: counts parked threads, a hint to look again */
	uint32_t used;			/* slots claimed in this attempt */
	uint32_t capacity;
	struct parked *slots;
	struct tid_entry *tids;		/* hash table, `capacity` * 2 entries */
	uint32_t coordinator;
	uint32_t pid;
	uint32_t retries;
	uint32_t stuck;			/* tid that did not park */
	uint32_t owner;			/* tid of who had `held` */
	uint32_t wanted_retries;	/* attempts given up because a thread was perhaps about to take a tid lock */
	const struct thaw_tid_place *held;	/* when all were parked last; NULL: none, or a thread did not park since */
	int task_fd;			/* /proc/self/task, open while threads are listed */
	void (*run)(void *data);	/* runs on the engine's stack once all stand still */
	void *data;
	bool stores;			/* `run` stores the threads: tid locks have to be free */
};

enum quiesce_result {
	QUIESCE_RAN,			/* `run` was called, all threads were released (or the process was restored) */
	QUIESCE_TIMED_OUT,		/* see stuck */
	QUIESCE_TID_LOCK,		/* see held, owner */
	QUIESCE_NO_MEMORY,
	QUIESCE_PROC,			/* /proc/self/task could not be read */
};

/*
 * Parks all threads, calls run(data) on the engine's stack, releases all. On the calling thread's stack, which
 * must hold no lock. `stores`: run stores the threads, so no tid lock (tid_locks.h) may be held then. In the restored
 * process it returns on the same thread with engine->came_back set.
 */
enum quiesce_result quiesce_and_run(void (*run)(void *), void *data, bool stores, uint64_t timeout_ns);

#endif
