/* SPDX-License-Identifier: Apache-2.0
 * The thread that loads ahead of use, and write-protects what came in unprotected.
 */
#include "fault/fault.h"
#include "fault/protect.h"
#include "fault/working_set.h"
#include "restore/background.h"
#include "sys/cgroup.h"

#define LOADER_NICE	10
#define QUIET_NS	2000000ull
#define PAUSE_NS	500000
#define START_STEP_NS	5000000ull
#define RECORD_STEP_NS	20000000ull
#define PROTECT_MOST_NS	1000000000ull
#define LIMIT_PAUSE_NS	50000000ull	/* at most: a checkpoint may wait for this thread */

struct pace {
	uint64_t ns, cpu_ns;
};

struct loader {
	struct load load;
	struct protection protection;
	uint64_t cpu_ns;		/* this thread's own, when it paused for the limit last */
};
_Static_assert(sizeof(struct loader) <= LOADER_DATA_BYTES, "mapped by the restore");

/* Faults go first: while they come, little is loaded ahead. Not in user mode, where the window shall be short. */
static void yield_to_faults(struct fault_state *f)
{
	struct timespec pause = { .tv_nsec = PAUSE_NS };

	if (f->mode != UFFD_FULL || __atomic_load_n(&f->load_all, __ATOMIC_RELAXED)
	    || now_ns(CLOCK_MONOTONIC) >= __atomic_load_n(&f->last_fault_ns, __ATOMIC_RELAXED) + QUIET_NS)
		return;
	f->fault_pauses++;
	sys_nanosleep(&pause);
}

/*
 * Of what a control group allows, half is the application's: when the limit is used up, the kernel stops all threads until the
 * next period. In a hurry the application waits for what is loaded, and in user mode the window shall be short.
 */
static void keep_to_limit(struct loader *d)
{
	struct fault_state *f = &engine->fault;
	uint64_t share = max_u64(1, f->cpu_limit / 2), cpu = now_ns(CLOCK_THREAD_CPUTIME_ID), used = cpu - d->cpu_ns;
	struct timespec rest = { .tv_nsec = (int64_t)min_u64(LIMIT_PAUSE_NS, used * (100 - min_u64(share, 100)) / share) };

	d->cpu_ns = cpu;
	if (!f->cpu_limit || share >= 100 || f->mode != UFFD_FULL || __atomic_load_n(&f->load_all, __ATOMIC_RELAXED))
		return;
	f->limit_pauses++;
	sys_futex(&f->load_all, FUTEX_WAIT | FUTEX_PRIVATE, 0, &rest);
}

static void protect_if_asked(struct loader *d)
{
	struct fault_state *f = &engine->fault;

	if (__atomic_load_n(&f->blocks.protect_now, __ATOMIC_ACQUIRE) && __atomic_load_n(&f->blocks.untracked, __ATOMIC_ACQUIRE))
		protect_untracked(&d->protection, f->loader.buffer);
}

/* Lock held at entry and return. What the application waits for goes first. */
static void make_way(struct loader *d)
{
	struct fault_state *f = &engine->fault;

	lock_release(&f->lock);
	protect_if_asked(d);
	yield_to_faults(f);
	keep_to_limit(d);
	lock_take(&f->lock);
}

/* What was touched later than at once, and then all. */
static void load_everything(struct loader *d)
{
	struct fault_state *f = &engine->fault;
	const struct preload *p = &f->preload;

	d->cpu_ns = now_ns(CLOCK_THREAD_CPUTIME_ID);
	lock_take(&f->lock);
	for (uint32_t i = p->early; i < p->count && !f->load_all && engine->parent.generation == 0; i++) {
		ahead_load(&d->load, p->runs[i].first, p->runs[i].pages, f->loader.buffer);
		make_way(d);
	}
	while (ahead_step(&d->load, &f->loader))
		make_way(d);
	if (f->missing == 0 && !f->all_loaded)
		fault_finished();
	lock_release(&f->lock);
}

/* Since it was asked last the process has left more than half a processor idle, or half of the part of one that it may use. */
static bool is_calm(struct pace *p)
{
	uint64_t now = now_ns(CLOCK_MONOTONIC), cpu = now_ns(CLOCK_PROCESS_CPUTIME_ID), limit = engine->fault.cpu_limit;
	bool calm = (cpu - p->cpu_ns) * 2 * 100 < (now - p->ns) * (limit ? min_u64(limit, 100) : 100);

	*p = (struct pace){ now, cpu };
	return calm;
}

/* When the application has calmed down: until then each first write to what is protected would be a fault. */
static void protect_when_calm(struct loader *d)
{
	struct fault_state *f = &engine->fault;
	uint64_t until = now_ns(CLOCK_MONOTONIC) + PROTECT_MOST_NS;
	struct pace pace = { now_ns(CLOCK_MONOTONIC), now_ns(CLOCK_PROCESS_CPUTIME_ID) };
	struct timespec rest = { .tv_nsec = START_STEP_NS };

	while (__atomic_load_n(&f->blocks.untracked, __ATOMIC_RELAXED)
	       && !__atomic_load_n(&f->blocks.protect_now, __ATOMIC_ACQUIRE) && now_ns(CLOCK_MONOTONIC) < until) {
		sys_futex(&f->blocks.protect_now, FUTEX_WAIT | FUTEX_PRIVATE, 0, &rest);
		if (is_calm(&pace))
			break;
	}
	protect_untracked(&d->protection, f->loader.buffer);
}

/* The first answer has the processors, the memory and the record for itself, unless all is asked for. */
static void wait_for_start(struct fault_state *f)
{
	struct pace pace = { now_ns(CLOCK_MONOTONIC), now_ns(CLOCK_PROCESS_CPUTIME_ID) };
	bool looked = false, recovered = false;

	while (!__atomic_load_n(&f->load_all, __ATOMIC_ACQUIRE)) {
		uint64_t now = now_ns(CLOCK_MONOTONIC), from = __atomic_load_n(&f->ahead_from_ns, __ATOMIC_RELAXED);
		bool due = background_is_due(now, is_calm(&pace));
		struct timespec rest = { .tv_nsec = due ? RECORD_STEP_NS : START_STEP_NS };

		if (now >= from && (due || !f->ahead_after_ns))
			break;
		if (now < from)
			rest.tv_nsec = (int64_t)min_u64(from - now, (uint64_t)rest.tv_nsec);
		sys_futex(&f->load_all, FUTEX_WAIT | FUTEX_PRIVATE, 0, &rest);
		if (!looked) {			/* not before: it would take time from the first answer */
			f->cpu_limit = cgroup_cpu_limit(CGROUP_LIST, CGROUP_MOUNTS, (char *)f->loader.buffer, THAW_PAGE_SIZE);
			looked = true;
		}
		if (!recovered && __atomic_load_n(&thaw_identity.recovered, __ATOMIC_ACQUIRE)) {
			record_recovered();
			recovered = true;
		}
		record_first_burst();
	}
	background_start();
}

/* Stack, limits and return as server_main(). */
void loader_main(void *data)
{
	struct timespec pause = { .tv_nsec = PAUSE_NS };
	struct loader *d = data;
	struct fault_state *f = &engine->fault;

	fill_share(f->loader.buffer);
	fill_release_helper();
	/* Of this thread only: setpriority(2), "C library/kernel differences". */
	if (f->mode == UFFD_FULL)
		sys_setpriority(PRIO_PROCESS, 0, LOADER_NICE);
	wait_for_start(f);
	record_finish();
	for (;;) {
		if (f->prefetch || __atomic_load_n(&f->load_all, __ATOMIC_ACQUIRE))
			load_everything(d);
		if (__atomic_load_n(&f->all_loaded, __ATOMIC_ACQUIRE))
			break;
		protect_if_asked(d);
		/* Asked for all, and only moved pages are missing yet: others bring them in. */
		if (__atomic_load_n(&f->load_all, __ATOMIC_RELAXED))
			sys_nanosleep(&pause);
		else
			sys_futex(&f->load_all, FUTEX_WAIT | FUTEX_PRIVATE, 0, NULL);
	}
	protect_when_calm(d);
	SYSCALL1(__NR_exit, 0);
}
