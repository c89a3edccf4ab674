/* SPDX-License-Identifier: Apache-2.0 */
#include "quiesce/park.h"

#include "engine/engine.h"
#include "quiesce/stack.h"
#include "quiesce/tid_locks.h"
#include "sys/directory.h"

#define FIRST_WAIT_NS	50000000ull
#define TASK_SLACK	256u
#define WANTED_RETRIES	16u		/* a sleeping thread's registers may hold the same for ever */

/*
 * Whose stack: the parked thread's, inside the kernel's signal frame. May not touch: anything but its slot and
 * the quiesce words; no libc, no TLS (the thread may stand inside malloc or ld.so). Returns by rt_sigreturn.
 */
static void record(struct parked *slot, uint32_t tid, struct ucontext *frame)
{
	slot->tid = tid;
	slot->frame = (uint64_t)frame;
	sys_arch_prctl(ARCH_GET_FS, (uint64_t)&slot->fs_base);
	sys_arch_prctl(ARCH_GET_GS, (uint64_t)&slot->gs_base);
	sys_get_robust_list(0, &slot->robust_list, &slot->robust_bytes);
	slot->tid_address = 0;
	sys_prctl(PR_GET_TID_ADDRESS, (uint64_t)&slot->tid_address, 0, 0, 0);
	memset(slot->name, 0, sizeof(slot->name));
	sys_prctl(PR_GET_NAME, (uint64_t)slot->name, 0, 0, 0);
}

/* A SIGTRAP that is not ours: whoever had the signal before gets it; by default it ends the process. */
static void forward(int signal, struct siginfo *info, struct ucontext *frame)
{
	if (engine_saved.previous.handler == SIG_IGN)
		return;
	if (engine_saved.previous.handler == SIG_DFL) {
		struct kernel_sigaction fatal = { .handler = SIG_DFL };

		sys_rt_sigaction(signal, &fatal, NULL);
		sys_tgkill(sys_getpid(), sys_gettid(), signal);
		return;
	}
	((void (*)(int, struct siginfo *, struct ucontext *))engine_saved.previous.handler)(signal, info, frame);
}

/* The kernel writes to the area whenever the thread is preempted in user mode: between checksum and write, say. */
static void leave_rseq(uint64_t fs, bool leave)
{
	const struct thaw_setup *s = &engine_saved.setup;

	if (s->rseq_bytes)
		sys_rseq(fs + (uint64_t)s->rseq_offset, RSEQ_AREA_BYTES, leave ? RSEQ_FLAG_UNREGISTER : 0, RSEQ_SIGNATURE);
}

static struct parked *claim_slot(struct quiesce *q)
{
	for (;;) {
		uint32_t index = __atomic_fetch_add(&q->used, 1, __ATOMIC_RELAXED), idle = 0;

		if (index >= q->capacity)
			return NULL;
		/* A thread delayed since an earlier attempt may still be writing to its slot. */
		if (__atomic_compare_exchange_n(&q->slots[index].busy, &idle, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return &q->slots[index];
	}
}

/* Stack, limits and return as above record(). */
static void on_signal(int signal, struct siginfo *info, struct ucontext *frame)
{
	struct quiesce *q = &engine->quiesce;
	uint32_t epoch = __atomic_load_n(&q->epoch, __ATOMIC_ACQUIRE);
	uint32_t tid = (uint32_t)sys_gettid();
	struct parked *slot;

	if (info->si_code != SI_TKILL || (uint32_t)info->si_pid != q->pid) {
		forward(signal, info, frame);
		return;
	}
	if (!(epoch & 1))
		return;			/* sent in an attempt that has ended */
	slot = claim_slot(q);
	if (!slot)
		return;			/* more threads than slots: the attempt times out and makes room */
	record(slot, tid, frame);
	if (tid != q->coordinator)
		leave_rseq(slot->fs_base, true);
	/* A thread delayed since it read the epoch publishes the old one and is not counted. */
	__atomic_store_n(&slot->epoch, epoch, __ATOMIC_RELEASE);
	if (tid == q->coordinator) {
		call_on_stack(q->run, q->data, engine->stack_top);
		__atomic_store_n(&slot->busy, 0, __ATOMIC_RELEASE);
		return;
	}
	__atomic_fetch_add(&q->arrivals, 1, __ATOMIC_RELEASE);
	sys_futex(&q->arrivals, FUTEX_WAKE | FUTEX_PRIVATE, 1, NULL);
	while (__atomic_load_n(&q->epoch, __ATOMIC_ACQUIRE) == epoch)
		sys_futex(&q->epoch, FUTEX_WAIT | FUTEX_PRIVATE, epoch, NULL);
	leave_rseq(slot->fs_base, false);
	__atomic_store_n(&slot->busy, 0, __ATOMIC_RELEASE);
}

static void install_handler(void)
{
	struct kernel_sigaction ours = {
		.handler = (uint64_t)on_signal,
		.flags = SA_SIGINFO | SA_RESTORER | SA_RESTART,
		.restorer = (uint64_t)signal_return,
		.mask = ~0ull,
	}, now;

	if (sys_rt_sigaction(SIGTRAP, NULL, &now) == 0 && now.handler == ours.handler)
		return;
	engine_saved.previous = now;	/* a profiler's, say: chained */
	sys_rt_sigaction(SIGTRAP, &ours, NULL);
}

static struct tid_entry *tid_entry(struct quiesce *q, uint32_t tid)
{
	uint32_t size = q->capacity * 2, i = (tid * 2654435761u) % size;

	for (uint32_t tried = 0; tried < size; tried++, i = (i + 1) % size) {
		if (q->tids[i].tid == tid)
			return &q->tids[i];
		if (q->tids[i].tid == 0) {
			q->tids[i].tid = tid;
			return &q->tids[i];
		}
	}
	return NULL;
}

struct task_walk {
	struct quiesce *q;
	uint32_t waiting;		/* tids that do not stand still */
	bool full;
};

static bool is_engine_thread(uint32_t tid)
{
	const struct fault_state *f = &engine->fault;

	for (uint32_t i = 0; i < DISK_THREADS; i++)
		if (tid == f->disk.threads[i].tid)
			return true;
	return tid == f->server.tid || tid == f->loader.tid;
}

static bool visit_task(const char *name, void *data)
{
	struct task_walk *walk = data;
	struct quiesce *q = walk->q;
	int tid = directory_number(name);
	struct tid_entry *entry;

	if (tid <= 0 || (uint32_t)tid == q->coordinator || is_engine_thread((uint32_t)tid))
		return true;
	entry = tid_entry(q, (uint32_t)tid);
	if (!entry) {
		walk->full = true;
		return false;
	}
	if (entry->signalled != q->epoch) {
		entry->signalled = q->epoch;
		entry->seen = 0;
		sys_tgkill((int)q->pid, tid, SIGTRAP);
	}
	if (entry->seen != q->epoch) {
		walk->waiting++;
		q->stuck = (uint32_t)tid;
	}
	return true;
}

static void mark_parked(struct quiesce *q)
{
	uint32_t used = (uint32_t)min_u64(__atomic_load_n(&q->used, __ATOMIC_ACQUIRE), q->capacity);

	for (uint32_t i = 0; i < used; i++) {
		struct parked *slot = &q->slots[i];
		struct tid_entry *entry;

		if (__atomic_load_n(&slot->epoch, __ATOMIC_ACQUIRE) != q->epoch)
			continue;
		entry = tid_entry(q, slot->tid);
		if (entry) {
			entry->signalled = q->epoch;
			entry->seen = q->epoch;
		}
	}
}

/* Why an attempt ended; negative: -errno */
enum {
	ALL_PARKED,
	NOT_IN_TIME,
	TOO_MANY,			/* for the slots */
	TID_LOCK_HELD,
};

static int park_all(struct quiesce *q, int task_fd, uint64_t deadline)
{
	for (;;) {
		struct task_walk walk = { .q = q };
		uint32_t arrivals = __atomic_load_n(&q->arrivals, __ATOMIC_ACQUIRE);
		struct timespec pause = { .tv_nsec = 2000000 };
		int error;

		mark_parked(q);
		error = directory_walk(task_fd, visit_task, &walk);
		if (error)
			return error;
		if (walk.full)
			return TOO_MANY;
		if (walk.waiting == 0)
			return ALL_PARKED;
		if (now_ns(CLOCK_MONOTONIC) > deadline)
			return NOT_IN_TIME;
		if (walk.waiting > 0)
			sys_futex(&q->arrivals, FUTEX_WAIT | FUTEX_PRIVATE, arrivals, &pause);
	}
}

static void release_all(struct quiesce *q)
{
	if (!(q->epoch & 1))
		return;			/* the attempt failed before it began */
	__atomic_fetch_add(&q->epoch, 1, __ATOMIC_RELEASE);
	sys_futex(&q->epoch, FUTEX_WAKE | FUTEX_PRIVATE, 0x7fffffff, NULL);
}

static bool count_task(const char *name, void *data)
{
	if (directory_number(name) > 0)
		(*(uint32_t *)data)++;
	return true;
}

/* Room for the threads there are, and as many again. */
static int make_room(struct quiesce *q, int task_fd)
{
	uint32_t tasks = 0;
	long slots, tids;
	int error = directory_walk(task_fd, count_task, &tasks);

	if (error)
		return error;
	if (tasks * 2 + TASK_SLACK <= q->capacity)
		return 0;
	tasks = tasks * 3 + TASK_SLACK;
	slots = zone_map(&engine->zone_next, (uint64_t)tasks * sizeof(struct parked));
	tids = zone_map(&engine->zone_next, (uint64_t)tasks * 2 * sizeof(struct tid_entry));
	if (slots < 0 || tids < 0)
		return -ENOMEM;
	/* The old tables stay: a late signal may be writing to them. They are small. */
	q->slots = (struct parked *)slots;
	q->tids = (struct tid_entry *)tids;
	q->capacity = tasks;
	return 0;
}

/* What a thread perhaps wants costs attempts while there is time for more, never the checkpoint. */
static bool tid_locks_are_free(struct quiesce *q, uint64_t end)
{
	q->held = tid_locks_held(&q->owner);
	if (q->held)
		return false;
	if (q->wanted_retries >= WANTED_RETRIES || now_ns(CLOCK_MONOTONIC) >= end || !tid_locks_wanted(q))
		return true;
	q->wanted_retries++;
	return false;
}

/* One attempt; 0 when run() was called. */
static int attempt(struct quiesce *q, int task_fd, uint64_t deadline, uint64_t end)
{
	int result = make_room(q, task_fd);

	if (result)
		return result;
	memset(q->tids, 0, (size_t)q->capacity * 2 * sizeof(struct tid_entry));
	__atomic_store_n(&q->used, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&q->arrivals, 0, __ATOMIC_RELAXED);
	install_handler();
	__atomic_fetch_add(&q->epoch, 1, __ATOMIC_RELEASE);
	result = park_all(q, task_fd, deadline);
	if (result == ALL_PARKED && q->stores && !tid_locks_are_free(q, end))
		result = TID_LOCK_HELD;
	if (result == ALL_PARKED) {
		uint64_t trap = 1ull << (SIGTRAP - 1), mask;

		/* A native caller may have it blocked. */
		sys_rt_sigprocmask(SIG_UNBLOCK, &trap, &mask);
		sys_tgkill((int)q->pid, (int)q->coordinator, SIGTRAP);
		sys_rt_sigprocmask(SIG_SETMASK, &mask, NULL);
	}
	return result;
}

enum quiesce_result quiesce_and_run(void (*run)(void *), void *data, bool stores, uint64_t timeout_ns)
{
	struct quiesce *q = &engine->quiesce;
	uint64_t wait = FIRST_WAIT_NS, end = now_ns(CLOCK_MONOTONIC) + timeout_ns;
	int task_fd = sys_open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct timespec pause = { .tv_nsec = 2000000 };
	int result;

	if (task_fd < 0)
		return QUIESCE_PROC;
	q->task_fd = task_fd;
	q->pid = (uint32_t)sys_getpid();
	q->coordinator = (uint32_t)sys_gettid();
	q->run = run;
	q->data = data;
	q->stores = stores;
	q->held = NULL;
	q->retries = q->wanted_retries = 0;
	for (;;) {
		uint64_t now = now_ns(CLOCK_MONOTONIC);

		result = attempt(q, task_fd, min_u64(now + wait, end), end);
		if (engine->came_back)	/* q, end and task_fd are the old process's: nothing of them may be used */
			return QUIESCE_RAN;
		release_all(q);
		if (result == NOT_IN_TIME && now + wait < end)
			q->held = NULL;		/* it had its whole time: the thread that did not park is the trouble now */
		if (result <= 0 || (result == TID_LOCK_HELD ? now_ns(CLOCK_MONOTONIC) >= end : now + wait >= end))
			break;
		/* Somebody waits, signals blocked, for a lock whose owner stood still, or a tid lock is held: let them all go on. */
		q->retries++;
		if (result != TID_LOCK_HELD)
			wait *= 2;
		sys_nanosleep(&pause);
	}
	sys_close(task_fd);
	if (result == ALL_PARKED)
		return QUIESCE_RAN;
	if (result == TID_LOCK_HELD || (result == NOT_IN_TIME && q->held))	/* the time was used up for it */
		return QUIESCE_TID_LOCK;
	return result == -ENOMEM ? QUIESCE_NO_MEMORY : result < 0 ? QUIESCE_PROC : QUIESCE_TIMED_OUT;
}
