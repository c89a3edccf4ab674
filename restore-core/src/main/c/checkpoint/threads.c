/* SPDX-License-Identifier: Apache-2.0
 * What a thread is besides its stack and its signal frame.
 */
#include "checkpoint/checkpoint.h"

#define TLS_WORDS	64u		/* of each module's block; libjvm's has 10 */

/* Through the kernel: a word that is not there gives false, not a fault; a page not yet loaded is loaded. */
static bool read_word(uint64_t address, uint64_t *ret)
{
	struct iovec local = { ret, 8 }, remote = { (void *)address, 8 };

	return sys_process_vm_readv(sys_getpid(), &local, 1, &remote, 1) == 8;
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

/* HotSpot's OSThread::_thread_id of the thread, 0 for a thread that HotSpot does not know. */
static uint64_t vm_tid_address(uint64_t fs, uint32_t tid)
{
	uint64_t block, vm_thread, os_thread, word, dtv, modules;
	const struct thaw_setup *s = &engine_saved.setup;

	/* A thread that has not used libjvm's TLS yet may have a shorter dtv. */
	if (!read_word(fs + 8, &dtv) || !read_word(dtv - 16, &modules) || modules < engine_saved.tls_module)
		return 0;
	if (!tls_block(fs, engine_saved.tls_module, &block) || !read_word(block + engine_saved.tls_offset, &vm_thread)
	    || !vm_thread || !read_word(vm_thread + s->osthread_offset, &os_thread) || !os_thread
	    || !read_word(os_thread + s->thread_id_offset, &word) || (uint32_t)word != tid)
		return 0;
	return os_thread + s->thread_id_offset;
}

static bool add_thread(struct checkpoint *c, const struct parked *p)
{
	struct image_thread *t = builder_add(&c->builder, SECTION_THREADS);
	const struct thaw_setup *s = &engine_saved.setup;

	if (!t)
		return checkpoint_fail(c, STEP_MEMORY, -ENOMEM, 0, "threads");
	*t = (struct image_thread){
		.tid = p->tid, .frame = p->frame, .fs_base = p->fs_base, .gs_base = p->gs_base,
		.tid_address = p->tid_address, .robust_list = p->robust_list, .robust_bytes = p->robust_bytes,
		.rseq = s->rseq_bytes ? p->fs_base + (uint64_t)s->rseq_offset : 0,
		.vm_tid_address = vm_tid_address(p->fs_base, p->tid),
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
