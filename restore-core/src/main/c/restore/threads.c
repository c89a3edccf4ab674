/* SPDX-License-Identifier: Apache-2.0
 * Threads again: clone(2) as glibc does it, then the state that neither the signal frame nor memory holds.
 */
#include "restore/threads.h"

#include "fault/fault.h"
#include "fault/working_set.h"
#include "quiesce/stack.h"
#include "restore/background.h"
#include "restore/resume_waits.h"

#define THREAD_FLAGS	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM)
#define RED_ZONE	512u		/* below a frame nothing is needed but what the ABI's red zone holds */
#define ENGINE_THREAD_STACK	(64u << 10)

static uint32_t go;

struct start {
	const char *name;
	void (*run)(void *);
	void *data;
};

static void engine_thread(void *data)
{
	struct start *s = data;

	sys_prctl(PR_SET_NAME, (uint64_t)s->name, 0, 0, 0);
	s->run(s->data);
}

void threads_make_buffer(struct engine_thread *t)
{
	long buffer = zone_map(&engine->zone_next, AHEAD_WINDOW_PAGES * THAW_PAGE_SIZE);

	if (buffer < 0)
		fatal(EXIT_RESTORE, "no memory for the page loader", -ENOMEM, "");
	t->buffer = (uint8_t *)buffer;
}

void threads_start_engine(struct engine_thread *t, const char *name, void (*run)(void *), uint64_t data_bytes)
{
	long memory = zone_map(&engine->zone_next, ENGINE_THREAD_STACK + sizeof(struct start) + data_bytes);
	struct start *s;
	long tid;

	if (memory < 0)
		fatal(EXIT_RESTORE, "no memory for the page loader", -ENOMEM, "");
	s = (struct start *)((uint64_t)memory + ENGINE_THREAD_STACK);
	*s = (struct start){ .name = name, .run = run, .data = s + 1 };
	tid = clone_thread(THREAD_FLAGS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID, (uint64_t)s, &t->tid, 0,
			   engine_thread, s);
	if (tid < 0)
		fatal(EXIT_RESTORE, "the page loader's thread cannot be created", tid, "raise the limit of processes");
}

static void set_thread_state(const struct image_thread *t)
{
	if (t->gs_base)
		sys_arch_prctl(ARCH_SET_GS, t->gs_base);
	if (t->robust_list)
		sys_set_robust_list(t->robust_list, t->robust_bytes);
	if (t->rseq)
		sys_rseq(t->rseq, RSEQ_AREA_BYTES, 0, RSEQ_SIGNATURE);
	sys_prctl(PR_SET_NAME, (uint64_t)t->name, 0, 0, 0);
}

static void tell_vm(const struct image_thread *t, uint32_t tid)
{
	if (t->vm_tid_address)
		*(uint32_t *)t->vm_tid_address = tid;
}

/* Stack: the thread's own, below its frame. */
static void resume_thread(void *data)
{
	const struct image_thread *t = data;

	set_thread_state(t);
	while (!__atomic_load_n(&go, __ATOMIC_ACQUIRE))
		sys_futex(&go, FUTEX_WAIT | FUTEX_PRIVATE, 0, NULL);
	if (engine->fault.ahead_after_ns)	/* there is a working set, or will be: as in background_plan() */
		resume_wait((const struct ucontext *)t->frame);
	background_wait(t);
	return_from_frame(t->frame);
}

/* None runs before all are there and the VM knows their tids: they may signal each other. Each sets its own state itself. */
void threads_resume(const struct image_view *v)
{
	const struct image_thread *primordial = &v->threads[0];
	struct fault_state *f = &engine->fault;
	uint64_t now;

	go = 0;
	for (uint64_t i = 1; i < v->thread_count; i++) {
		const struct image_thread *t = &v->threads[i];
		long tid = clone_thread(THREAD_FLAGS | CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID,
					t->frame - RED_ZONE, (uint32_t *)t->tid_address, t->fs_base, resume_thread,
					(void *)t);

		if (tid < 0)
			fatal(EXIT_RESTORE, "a thread cannot be created", tid, "raise the limit of processes or pids");
		tell_vm(t, (uint32_t)tid);
		background_note(t, (uint32_t)tid);
	}
	sys_arch_prctl(ARCH_SET_FS, primordial->fs_base);
	if (primordial->tid_address)
		*(uint32_t *)primordial->tid_address = (uint32_t)sys_set_tid_address(primordial->tid_address);
	set_thread_state(primordial);
	tell_vm(primordial, (uint32_t)sys_gettid());
	now = now_ns(CLOCK_MONOTONIC);
	f->restored_ns = now - f->start_ns;
	background_plan(now, f->ahead_after_ns != 0);
	record_threads_run(now);
	__atomic_store_n(&go, 1, __ATOMIC_RELEASE);
	sys_futex(&go, FUTEX_WAKE | FUTEX_PRIVATE, 0x7fffffff, NULL);
	return_from_frame(primordial->frame);
}
