/* SPDX-License-Identifier: Apache-2.0
 * The steps of a checkpoint, in order.
 */
#include "checkpoint/checkpoint.h"

#include "checkpoint/report.h"
#include "descriptors/descriptors.h"
#include "fault/fault.h"
#include "track/track.h"

#define EXIT_CHECKPOINTED	137	/* as CRaC's process ends */
#define DEFAULT_TIMEOUT_NS	10000000000ull
#define READER_MOST_MS		2000

bool checkpoint_fail(struct checkpoint *c, enum thaw_step step, long error, uint64_t operand, const char *text)
{
	c->result.outcome = THAW_FAILED;
	c->result.step = step;
	c->result.error = error < 0 ? (int32_t)-error : (int32_t)error;
	c->result.operand = operand;
	if (text != c->result.operand_text)
		string_copy(c->result.operand_text, text, sizeof(c->result.operand_text));
	return false;
}

/* Resident pages and mappings, with room for growth until the threads stand still. */
static void count_memory(uint64_t *ret_pages, uint64_t *ret_mappings)
{
	char buffer[256];
	const char *s = buffer;
	int fd = sys_open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	long got = fd < 0 ? -1 : sys_read(fd, buffer, sizeof(buffer) - 1);

	if (fd >= 0)
		sys_close(fd);
	buffer[got < 0 ? 0 : got] = 0;
	parse_decimal(&s);		/* the first field: all mapped pages */
	s++;
	*ret_pages = parse_decimal(&s) * 2 + engine->parent.view.crc_count + (1u << 18);
	*ret_mappings = 131072;		/* twice the usual vm.max_map_count */
}

static bool map_tables(struct checkpoint *c)
{
	uint64_t pages, *next = &engine->zone_next;
	int error;

	count_memory(&pages, &c->mappings);
	c->vma_flag_capacity = c->mappings;
	c->vma_flags = (struct vma_flags *)zone_map(next, c->mappings * sizeof(struct vma_flags));
	c->maps = (char *)zone_map(next, MAPS_BYTES);
	c->needs_register = (uint8_t *)zone_map(next, c->mappings * 2);
	c->scan = (struct page_region *)zone_map(next, SCAN_RANGES * sizeof(struct page_region));
	c->staging = (uint8_t *)zone_map(next, STAGING_PAGES * THAW_PAGE_SIZE);
	error = builder_open(&c->builder, next, pages, c->mappings);
	if (error || (long)c->vma_flags < 0 || (long)c->maps < 0 || (long)c->scan < 0 || (long)c->staging < 0)
		return checkpoint_fail(c, STEP_MEMORY, -ENOMEM, pages, "tables");
	return true;
}

static void unmap_tables(struct checkpoint *c)
{
	builder_close(&c->builder);
	if (c->vma_flags)
		zone_unmap((uint64_t)c->vma_flags, c->mappings * sizeof(struct vma_flags));
	if (c->maps)
		zone_unmap((uint64_t)c->maps, MAPS_BYTES);
	if (c->needs_register)
		zone_unmap((uint64_t)c->needs_register, c->mappings * 2);
	if (c->scan)
		zone_unmap((uint64_t)c->scan, SCAN_RANGES * sizeof(struct page_region));
	if (c->staging)
		zone_unmap((uint64_t)c->staging, STAGING_PAGES * THAW_PAGE_SIZE);
	if (c->meta)
		zone_unmap((uint64_t)c->meta, c->meta_capacity);
}

static void list_engine_fds(struct checkpoint *c)
{
	int count = 0;

	for (uint32_t i = 0; i < THAW_MAX_SOURCES; i++)
		if (engine->fault.sources[i] >= 0)
			c->engine_fds[count++] = engine->fault.sources[i];
	for (int i = 0; i < 9; i++) {
		int fd = (int[]){ c->to_fd, c->partial_fd, c->meta_fd, c->pagemap_fd, c->mem_fd, c->writer.fd,
				  engine->fault.uffd, engine->quiesce.task_fd, engine->fault.recording.fd }[i];

		if (fd >= 0)
			c->engine_fds[count++] = fd;
	}
	c->engine_fds[count] = -1;
	c->builder.engine_fds = c->engine_fds;
}

/* For the report: parent_adopt replaces engine->parent before it is written. */
static void name_parent(struct thaw_result *r)
{
	struct text t;

	text_open(&t, r->operand_text, sizeof(r->operand_text));
	if (r->full_reason != FULL_OTHER_FOLDER && r->full_reason != FULL_PARENT_MISSING
	    && r->full_reason != FULL_PARENT_CHANGED)
		return;
	text_string(&t, engine->parent.folder);
	text_string(&t, "/");
	text_padded(&t, engine->parent.number, 4);
}

static bool decide_kind(struct checkpoint *c)
{
	uint32_t reason = c->request.flags & THAW_FULL ? FULL_ASKED : parent_check(c->request.to);
	int error;

	c->result.full_reason = reason;
	name_parent(&c->result);
	c->delta = reason == FULL_NO_REASON;
	if (c->delta) {
		c->result.parent_number = engine->parent.number;
		c->header.flags |= IMAGE_DELTA;
		c->header.parent_number = engine->parent.number;
		c->header.depth = engine->parent.view.header->depth + 1;
		memcpy(c->header.parent_id, engine->parent.view.header->id, THAW_ID_BYTES);
		return true;
	}
	error = fault_load_all();	/* a full snapshot stands alone */
	return error ? checkpoint_fail(c, STEP_LOAD_REST, error, 0, engine->parent.folder) : true;
}

/* All that can be done while the application still runs. */
static bool prepare(struct checkpoint *c)
{
	struct builder *b = &c->builder;
	struct image_source *own;

	if (!map_tables(c))
		return false;
	b->result = &c->result;
	b->spare = &c->spare;
	b->identities = engine->identities;
	b->reply_fd = (int)c->request.reply_fd;
	b->decisions = (const struct thaw_decision *)c->request.decisions;
	b->decision_count = c->request.decision_count;
	b->watch_paths = (const struct thaw_watch_path *)c->request.watch_paths;
	b->watch_path_count = c->request.watch_path_count;
	for (uint32_t i = 0; i < THAW_MAX_SOURCES; i++)
		c->source_map[i] = THAW_NONE;
	sys_getrandom(c->header.id, THAW_ID_BYTES, 0);
	own = builder_add(b, SECTION_SOURCES);
	memcpy(own->id, c->header.id, THAW_ID_BYTES);
	if (!(c->request.flags & THAW_CHECK_ONLY) && (!publish_open(c) || !decide_kind(c)))
		return false;
	c->pagemap_fd = sys_open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	c->mem_fd = sys_open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	if (c->pagemap_fd < 0 || c->mem_fd < 0)
		return checkpoint_fail(c, STEP_MAPS, c->pagemap_fd < 0 ? c->pagemap_fd : c->mem_fd, 0,
				       "/proc/self/pagemap or mem");
	if (!(c->request.flags & THAW_CHECK_ONLY))
		protect_all();
	return process_capture(c) && maps_read_flags(c);
}

static bool capture_descriptors(struct checkpoint *c)
{
	const struct image_descriptor *all;
	uint64_t count;
	int error;

	list_engine_fds(c);
	error = descriptors_capture(&c->builder);
	if (error)
		return checkpoint_fail(c, STEP_MAPS, error, 0, "/proc/self/fd");
	all = (const struct image_descriptor *)c->builder.tables[SECTION_DESCRIPTORS].base;
	count = c->builder.tables[SECTION_DESCRIPTORS].count;
	c->header.highest_fd = count ? (uint32_t)all[count - 1].fd : 2;
	return true;
}

/* rseq's area is written by the kernel whenever the thread is preempted: between checksum and write, say. */
static void leave_rseq(bool leave)
{
	const struct thaw_setup *s = &engine_saved.setup;
	uint64_t fs = 0;

	if (!s->rseq_bytes)
		return;
	sys_arch_prctl(ARCH_GET_FS, (uint64_t)&fs);
	sys_rseq(fs + (uint64_t)s->rseq_offset, RSEQ_AREA_BYTES, leave ? RSEQ_FLAG_UNREGISTER : 0, RSEQ_SIGNATURE);
}

static bool capture(struct checkpoint *c)
{
	uint64_t start = now_ns(CLOCK_MONOTONIC);

	if (!maps_capture(c) || !capture_descriptors(c))
		return false;
	if (c->result.refusal_count)
		return checkpoint_fail(c, STEP_REFUSED, 0, c->result.refusal_count, "");
	if (c->request.flags & THAW_CHECK_ONLY)
		return false;
	if (!process_capture_parked(c) || !pages_capture(c) || !pages_finish(c))
		return false;
	if (c->builder.overflow)
		return checkpoint_fail(c, STEP_MEMORY, -ENOMEM, 0, "tables");
	if (!meta_write(c))
		return false;
	working_set_carry(c);
	c->result.write_ns = now_ns(CLOCK_MONOTONIC) - start;
	return true;
}

static void answer(const struct checkpoint *c)
{
	const char *report = c->result.report;
	int fd = (int)c->request.reply_fd;

	if (fd < 0)
		return;
	sys_write(fd, "0\n", 2);
	sys_write(fd, report, string_length(report));
	sys_write(fd, "\n", 1);
}

/*
 * Process 1 of a pid namespace takes all others of it along (pid_namespaces(7)), as the jcmd that `docker exec` started: it shall
 * have printed the reply, and closes its end then.
 */
static void await_reader(const struct checkpoint *c)
{
	struct pollfd peer = { .fd = (int)c->request.reply_fd, .events = POLLIN };

	if (peer.fd < 0 || sys_getpid() != 1)
		return;
	sys_shutdown(peer.fd, SHUT_WR);
	sys_poll(&peer, 1, READER_MOST_MS);
}

/* The snapshot is complete: this process has ended its life. */
static void end_process(struct checkpoint *c)
{
	const char *path = c->request.remove_at_end;

	report_write(&c->result);
	answer(c);
	for (; *path; path += string_length(path) + 1)
		publish_remove(path);
	descriptors_reset_peers(&c->builder);
	await_reader(c);
	sys_exit_group(EXIT_CHECKPOINTED);
}

/*
 * Whose stack: the engine's, called from the signal handler of the checkpointing thread; every other thread of
 * the application stands still. May not touch: pages that are not loaded (the lock keeps their loader out),
 * libc. Returns to the handler, or ends the process.
 */
static void run_parked(void *data)
{
	struct checkpoint *c = data;
	bool ended = !(c->request.flags & THAW_KEEP_RUNNING);
	bool ok;

	c->result.quiesce_ns = now_ns(CLOCK_MONOTONIC) - c->pause_start;
	c->result.quiesce_retries = engine->quiesce.retries;
	leave_rseq(true);
	ok = threads_capture(c);	/* may load pages: before the lock */
	lock_take(&engine->fault.lock);
	moved_settle();
	protect_settle();
	if (ok && c->delta && !engine->parent.valid)	/* since it was decided: protect.c could not undo a protection */
		ok = checkpoint_fail(c, STEP_TRACK, -EAGAIN, 0, "");
	ok = ok && capture(c);
	if (ok && ended && publish_commit(c)) {
		c->result.pause_ns = now_ns(CLOCK_MONOTONIC) - c->pause_start;
		end_process(c);
	} else if (ok && !ended) {
		uint64_t start = now_ns(CLOCK_MONOTONIC);

		ok = parent_adopt(c);
		shared_files_let_go(c);
		c->result.track_ns = now_ns(CLOCK_MONOTONIC) - start;
		c->result.outcome = ok ? THAW_WRITTEN : THAW_FAILED;
	}
	lock_release(&engine->fault.lock);
	leave_rseq(false);
	c->pause_end = now_ns(CLOCK_MONOTONIC);
}

/* Empty when the thread has gone. */
static void read_thread_name(uint32_t tid, char name[32])
{
	char path[64];
	struct text t;
	int fd;
	long got;

	text_open(&t, path, sizeof(path));
	text_string(&t, "/proc/self/task/");
	text_decimal(&t, tid);
	text_string(&t, "/comm");
	fd = sys_open(path, O_RDONLY | O_CLOEXEC);
	got = fd < 0 ? 0 : sys_read(fd, name, 31);
	name[got > 0 ? got - 1 : 0] = 0;
	if (fd >= 0)
		sys_close(fd);
}

static void quiesce_failure(struct checkpoint *c, enum quiesce_result result)
{
	const struct quiesce *q = &engine->quiesce;
	char name[32], text[128];
	struct text t;

	if (result == QUIESCE_NO_MEMORY) {
		checkpoint_fail(c, STEP_MEMORY, -ENOMEM, 0, "thread slots");
		return;
	}
	read_thread_name(result == QUIESCE_TID_LOCK ? q->owner : q->stuck, name);
	if (result != QUIESCE_TID_LOCK) {
		checkpoint_fail(c, STEP_PARK, -ETIMEDOUT, q->stuck, name);
		return;
	}
	text_open(&t, text, sizeof(text));
	text_string(&t, q->held->name);
	text_string(&t, " is held by thread '");
	text_string(&t, name[0] ? name : "?");	/* who has just taken it is not written there yet */
	text_string(&t, "'");
	checkpoint_fail(c, STEP_TID_LOCK, 0, q->owner, text);
}

/* After the release, with keep_running: make the snapshot durable while the application runs. */
static void finish_running(struct checkpoint *c)
{
	c->result.pause_ns = c->pause_end - c->pause_start;
	if (c->result.outcome != THAW_WRITTEN)
		return;
	if (!publish_commit(c))
		return;			/* engine->parent stays lost: the next one is full */
	engine->parent.number = c->result.number;
	engine->parent.lost = false;
	report_write(&c->result);
}

static void run(struct checkpoint *c)
{
	uint64_t timeout = c->request.quiesce_timeout_ns ? c->request.quiesce_timeout_ns : DEFAULT_TIMEOUT_NS;
	enum quiesce_result result;

	c->pause_start = now_ns(CLOCK_MONOTONIC);
	result = quiesce_and_run(run_parked, c, !(c->request.flags & THAW_CHECK_ONLY), timeout);
	if (engine->came_back)
		return;
	c->result.quiesce_retries = engine->quiesce.retries;
	if (result != QUIESCE_RAN)
		quiesce_failure(c, result);
	else
		finish_running(c);
}

static struct checkpoint *new_checkpoint(const struct thaw_request *request)
{
	struct checkpoint *c = (struct checkpoint *)zone_map(&engine->zone_next, sizeof(*c));

	if ((long)c < 0)
		return NULL;
	c->request = *request;
	c->result.bytes = sizeof(c->result);
	c->to_fd = c->partial_fd = c->meta_fd = c->pagemap_fd = c->mem_fd = c->writer.fd = -1;
	c->header.resume_entry = (uint64_t)fault_resume_entry();
	c->header.engine_slot = (uint64_t)&engine;
	c->builder.attach_prefix = engine->attach_prefix;
	return c;
}

static void close_checkpoint(struct checkpoint *c)
{
	publish_discard(c);
	if (c->pagemap_fd >= 0)
		sys_close(c->pagemap_fd);
	if (c->mem_fd >= 0)
		sys_close(c->mem_fd);
	unmap_tables(c);
	zone_unmap((uint64_t)c, sizeof(*c));
}

static void set_attach_prefix(void)
{
	struct text t;

	text_open(&t, engine->attach_prefix, sizeof(engine->attach_prefix));
	text_string(&t, "/tmp/.java_pid");
	text_decimal(&t, (uint64_t)sys_getpid());
}

int thaw_checkpoint(const struct thaw_request *request, struct thaw_result *ret)
{
	struct checkpoint *c;
	uint32_t idle = 0;

	if (request->bytes != sizeof(*request) || ret->bytes != sizeof(*ret) || !engine)
		return -EINVAL;
	ret->outcome = THAW_FAILED;
	if (!__atomic_compare_exchange_n(&engine->busy, &idle, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
		ret->step = STEP_BUSY;
		return 0;
	}
	set_attach_prefix();
	c = new_checkpoint(request);
	if (!c) {
		ret->step = STEP_MEMORY;
		ret->error = ENOMEM;
	} else if (prepare(c)) {
		run(c);
	}
	if (engine->came_back) {	/* another process, another engine: c is gone */
		engine->came_back = 0;
		__atomic_store_n(&engine->busy, 0, __ATOMIC_RELEASE);
		return THAW_CAME_BACK;
	}
	if (c) {
		memcpy(ret, &c->result, sizeof(*ret));
		close_checkpoint(c);
	}
	__atomic_store_n(&engine->fault.blocks.protect_now, 0, __ATOMIC_RELEASE);
	__atomic_store_n(&engine->busy, 0, __ATOMIC_RELEASE);
	return 0;
}

int thaw_parent(const struct thaw_request *request, uint32_t *ret_full_reason)
{
	uint64_t all = ~0ull, mask;

	if (request->bytes != sizeof(*request) || !engine)
		return -EINVAL;
	/* As thaw_status(): no checkpoint may replace the tables meanwhile. */
	sys_rt_sigprocmask(SIG_SETMASK, &all, &mask);
	*ret_full_reason = request->flags & THAW_FULL ? FULL_ASKED : parent_check(request->to);
	sys_rt_sigprocmask(SIG_SETMASK, &mask, NULL);
	return 0;
}
