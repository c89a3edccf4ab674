/* SPDX-License-Identifier: Apache-2.0
 * What Java calls besides the checkpoint itself: thaw.h.
 */
#include "checkpoint/checkpoint.h"
#include "fault/fault.h"
#include "fault/working_set.h"
#include "sys/cpu.h"
#include "track/track.h"

struct engine *volatile engine;
struct engine_saved engine_saved;
struct thaw_identity thaw_identity;

struct engine *engine_new(uint64_t next)
{
	struct engine *e = (struct engine *)zone_map(&next, sizeof(*e));
	long stack, identities;

	if ((long)e < 0)
		return NULL;
	stack = zone_map(&next, ENGINE_STACK_BYTES);
	identities = zone_map(&next, IDENTITY_SLOTS * sizeof(struct file_identity));
	if (stack < 0 || identities < 0)
		return NULL;
	e->zone_next = next;
	e->stack_top = (uint64_t)stack + ENGINE_STACK_BYTES;
	e->identities = (struct file_identity *)identities;
	e->fault.uffd = e->fault.recording.fd = -1;
	e->fault.all_loaded = 1;
	e->fault.copy_mode = UFFDIO_COPY_MODE_WP;
	for (uint32_t i = 0; i < THAW_MAX_SOURCES; i++)
		e->fault.sources[i] = -1;
	return e;
}

int thaw_open(const struct thaw_setup *setup, struct thaw_result *ret)
{
	struct engine *e;

	if (setup->bytes != sizeof(*setup) || ret->bytes != sizeof(*ret))
		return -EINVAL;
	if (engine)
		return 0;
	ret->outcome = THAW_FAILED;
	e = engine_new(ZONE_MEMORY);
	if (!e) {
		ret->step = STEP_MEMORY;
		ret->error = ENOMEM;
		return 0;
	}
	engine_saved.setup = *setup;
	if (!threads_find_slot(setup, &engine_saved.tls_module, &engine_saved.tls_offset)) {
		ret->step = STEP_SETUP;
		string_copy(ret->operand_text, "libjvm's thread-local Thread*", sizeof(ret->operand_text));
		return 0;
	}
	thaw_identity.pid = (uint64_t)sys_getpid();
	engine = e;
	ret->outcome = THAW_WRITTEN;
	return 0;
}

int thaw_load_all(void)
{
	return engine ? fault_load_all() : 0;
}

void thaw_before_fork(void)
{
	if (engine)
		fault_load_all();
}

uint64_t thaw_cpu_features(char *ret, uint64_t bytes)
{
	struct image_cpu cpu;
	struct text t;

	cpu_read(&cpu);
	text_open(&t, ret, bytes);
	cpu_text(&t, &cpu);
	return t.length;
}

void thaw_collection_started(void)
{
	if (engine)
		hurry_collection(true);
}

void thaw_collection_finished(void)
{
	if (engine)
		hurry_collection(false);
}

void thaw_ignore(void)
{
}

int thaw_pid_places(const struct thaw_pid_place *places, uint64_t count)
{
	if (count > THAW_MAX_PID_PLACES)
		return -EINVAL;
	memcpy(engine_saved.pid_places, places, count * sizeof(*places));
	engine_saved.pid_place_count = count;
	return 0;
}

int thaw_tid_places(const struct thaw_tid_place *places, uint64_t count)
{
	if (count > THAW_MAX_TID_PLACES)
		return -EINVAL;
	memcpy(engine_saved.tid_places, places, count * sizeof(*places));
	engine_saved.tid_place_count = count;
	return 0;
}

int thaw_signal_self(int signal)
{
	return sys_kill(sys_getpid(), signal);
}

static void fill_faults(struct thaw_status *ret, const struct fault_state *f)
{
	ret->set_rounds = f->preload.rounds;
	ret->set_pages = f->preload.pages;
	ret->recording = f->recording.log != NULL;
	ret->pages_first = f->pages_first;
	ret->pages_demand = f->pages_demand;
	ret->pages_ahead = f->pages_ahead;
	ret->pages_dropped = f->pages_dropped;
	ret->pages_missing = f->missing;
	ret->pages_zero = f->pages_zero;
	ret->faults = f->faults;
	ret->fault_ns_total = f->fault_ns_total;
	ret->fault_ns_max = f->fault_ns_max;
	memcpy(ret->fault_histogram, f->histogram, sizeof(f->histogram));
	ret->retries = f->retries;
	ret->pages_by_blocks = f->blocks.pages;
	ret->pages_untracked = f->blocks.untracked;
	ret->disk_reads = f->disk.reads;
	ret->overtaken = f->disk.overtaken;
	ret->injected = f->injections.made;
	ret->cpu_limit = f->cpu_limit;
	ret->limit_pauses = f->limit_pauses;
	ret->fault_pauses = f->fault_pauses;
	ret->restore_ns = f->restored_ns;
	ret->loaded_ns = f->loaded_ns;
}

int thaw_status(struct thaw_status *ret)
{
	const struct parent *p;
	struct text t;
	uint64_t all = ~0ull, mask;

	if (ret->bytes != sizeof(*ret) || !engine)
		return -EINVAL;
	memset((char *)ret + sizeof(ret->bytes), 0, sizeof(*ret) - sizeof(ret->bytes));
	/*
	 * A checkpoint cannot replace the tables while this thread does not take its signal. Not the lock: this
	 * thread may fault on a missing page of its own stack, and the server would wait for the lock.
	 */
	sys_rt_sigprocmask(SIG_SETMASK, &all, &mask);
	p = &engine->parent;
	ret->dirty_pages = track_count_dirty();
	if (ret->dirty_pages != ~0ull)	/* a page of them that was written will count when it is protected */
		ret->dirty_pages -= min_u64(ret->dirty_pages, engine->fault.blocks.untracked);
	ret->restored = engine->restored;
	ret->uffd_mode = engine->fault.mode;
	ret->all_loaded = engine->fault.all_loaded;
	ret->prefetch = engine->fault.prefetch;
	ret->tracking = p->meta && p->valid && !p->lost;
	ret->parent_number = p->number;
	ret->pages_total = p->meta ? p->view.crc_count : 0;
	fill_faults(ret, &engine->fault);
	if (p->meta) {
		text_open(&t, ret->parent_path, sizeof(ret->parent_path));
		text_string(&t, p->folder);
		text_string(&t, "/");
		text_padded(&t, p->number, 4);
	}
	sys_rt_sigprocmask(SIG_SETMASK, &mask, NULL);
	return 0;
}
