/* SPDX-License-Identifier: Apache-2.0
 * What a thread is besides its stack and its signal frame.
 */
#include "checkpoint/checkpoint.h"

#define TLS_WORDS	64u		/* of each module's block; libjvm's has 10 */

/* src/hotspot/share/utilities/globalDefinitions.hpp, enum JavaThreadState */
#define VM_THREAD_IN_NATIVE	4u
#define VM_THREAD_BLOCKED	10u

/* Seccomp profiles of containers deny process_vm_readv. */
static long read_through_mem(uint64_t address, uint64_t *ret)
{
	int fd = sys_open("/proc/thread-self/mem", O_RDONLY | O_CLOEXEC);
	long got;

	if (fd < 0)
		return fd;
	got = sys_pread(fd, ret, 8, address);
	sys_close(fd);
	return got;
}

/* Through the kernel: a word that is not there gives false, not a fault; a page not yet loaded is loaded. */
static bool read_word(uint64_t address, uint64_t *ret)
{
	struct iovec local = { ret, 8 }, remote = { (void *)address, 8 };
	long got = sys_process_vm_readv(sys_getpid(), &local, 1, &remote, 1);

	if (got == -EPERM || got == -ENOSYS)
		got = read_through_mem(address, ret);
	return got == 8;
}

/*
 * glibc, sysdeps/generic/dl-dtv.h: the thread pointer's second word is the dtv; dtv[-1] counts the modules,
 * dtv[m] is {pointer to the module's TLS block or -1, pointer to free}.
 */
static bool tls_block(uint64_t fs, uint64_t module, uint64_t *ret)
{
	uint64_t dtv;

	return read_word(fs + 8, &dtv) && read_word(dtv + module * 16, ret) && *ret != ~0ull && *ret != 0;
}

bool threads_find_slot(const struct thaw_setup *setup, uint64_t *ret_module, uint64_t *ret_offset)
{
	uint64_t fs = 0, dtv, modules;

	sys_arch_prctl(ARCH_GET_FS, (uint64_t)&fs);
	if (!read_word(fs + 8, &dtv) || !read_word(dtv - 16, &modules))
		return false;
	for (uint64_t m = 1; m <= min_u64(modules, 4096); m++) {
		uint64_t block, word;

		if (!tls_block(fs, m, &block))
			continue;
		for (uint64_t i = 0; i < TLS_WORDS && read_word(block + i * 8, &word); i++) {
			if (word == setup->vm_thread) {
				*ret_module = m;
				*ret_offset = i * 8;
				return true;
			}
		}
	}
	return false;
}

/* HotSpot's Thread*, 0 for a thread that HotSpot does not know. */
static uint64_t vm_thread(uint64_t fs)
{
	uint64_t block, ret, dtv, modules;

	/* A thread that has not used libjvm's TLS yet may have a shorter dtv. */
	if (!read_word(fs + 8, &dtv) || !read_word(dtv - 16, &modules) || modules < engine_saved.tls_module)
		return 0;
	return tls_block(fs, engine_saved.tls_module, &block) && read_word(block + engine_saved.tls_offset, &ret) ? ret : 0;
}

/* HotSpot's OSThread::_thread_id of the thread. */
static uint64_t vm_tid_address(uint64_t thread, uint32_t tid)
{
	const struct thaw_setup *s = &engine_saved.setup;
	uint64_t os_thread, word;

	if (!thread || !read_word(thread + s->osthread_offset, &os_thread) || !os_thread
	    || !read_word(os_thread + s->thread_id_offset, &word) || (uint32_t)word != tid)
		return 0;
	return os_thread + s->thread_id_offset;
}

/* HotSpot's names as far as the kernel keeps them, fifteen characters. */
static const struct {
	const char *name;
	bool is_java_thread;		/* a JavaThread: a safepoint waits for it, or does not, by its state */
} BACKGROUND[] = {
	{ "C1 CompilerThre", true }, { "C2 CompilerThre", true }, { "Monitor Deflati", true }, { "Service Thread", true },
	{ "Common-Cleaner", true }, { "VM Periodic Tas", false }, { "G1 Service", false }, { "G1 Refine#", false },
};

static bool is_safepoint_safe(uint64_t thread)
{
	uint64_t offset = engine_saved.setup.thread_state_offset, state;

	return offset && read_word(thread + offset, &state)
		&& ((uint32_t)state == VM_THREAD_IN_NATIVE || (uint32_t)state == VM_THREAD_BLOCKED);
}

/* It waited for a time: the signal ended the system call with EINTR (signal(7)). */
static bool is_idle(const struct parked *p)
{
	return ((const struct ucontext *)p->frame)->rax == (uint64_t)-EINTR;
}

/* A thread that nobody waits for, and that holds up no safepoint where it stands. */
static bool is_background(const struct parked *p, uint64_t thread)
{
	for (uint32_t i = 0; i < sizeof(BACKGROUND) / sizeof(BACKGROUND[0]); i++)
		if (string_starts(p->name, BACKGROUND[i].name))
			return thread && (BACKGROUND[i].is_java_thread ? is_safepoint_safe(thread) : is_idle(p));
	return false;
}

static bool add_thread(struct checkpoint *c, const struct parked *p)
{
	struct image_thread *t = builder_add(&c->builder, SECTION_THREADS);
	const struct thaw_setup *s = &engine_saved.setup;
	uint64_t thread = vm_thread(p->fs_base);

	if (!t)
		return checkpoint_fail(c, STEP_MEMORY, -ENOMEM, 0, "threads");
	*t = (struct image_thread){
		.tid = p->tid, .flags = is_background(p, thread) ? THREAD_BACKGROUND : 0, .frame = p->frame, .fs_base = p->fs_base, .gs_base = p->gs_base,
		.tid_address = p->tid_address, .robust_list = p->robust_list, .robust_bytes = p->robust_bytes,
		.rseq = s->rseq_bytes ? p->fs_base + (uint64_t)s->rseq_offset : 0,
		.vm_tid_address = vm_tid_address(thread, p->tid),
	};
	memcpy(t->name, p->name, sizeof(t->name));
	return true;
}

bool threads_capture(struct checkpoint *c)
{
	struct quiesce *q = &engine->quiesce;
	uint32_t used = (uint32_t)min_u64(q->used, q->capacity);
	bool primordial = false;

	for (int pass = 0; pass < 2; pass++) {		/* the primordial thread comes first */
		for (uint32_t i = 0; i < used; i++) {
			const struct parked *p = &q->slots[i];

			if (p->epoch != q->epoch || (p->tid == q->pid) != (pass == 0))
				continue;
			primordial |= pass == 0;
			if (!add_thread(c, p))
				return false;
		}
	}
	if (!primordial)
		return checkpoint_fail(c, STEP_PARK, -ESRCH, q->pid, "the primordial thread");
	c->result.threads = (uint32_t)c->builder.tables[SECTION_THREADS].count;
	return true;
}
