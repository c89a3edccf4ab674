/* SPDX-License-Identifier: Apache-2.0
 * The second half of a restore, in the libthaw.so of the image: memory's content or its stand-in, then threads.
 * The launcher has mapped every region and filled this library's own.
 */
#include "restore/context.h"

#include "fault/fault.h"
#include "fault/working_set.h"
#include "restore/resume_mm.h"
#include "restore/resume_pid.h"
#include "restore/threads.h"
#include "track/track.h"

#define SPAN_GAP	(64u << 10)	/* holes from this size on are not registered: fresh memory stays the kernel's */

static void thaw_resume(struct resume_context *context) __attribute__((noreturn));

uint64_t fault_resume_entry(void) { return (uint64_t)thaw_resume; }

static uint64_t extent_end(const struct image_extent *e) { return e->start + ((uint64_t)e->pages << THAW_PAGE_SHIFT); }

static bool is_tracked(const struct image_region *r)
{
	return (r->kind == REGION_ANON || r->kind == REGION_FILE) && !(r->flags & REGION_ENGINE) && r->extents;
}

/* thaw_identity was restored with this library: it is the old process's. */
static void identify(const struct resume_context *x)
{
	bool has_environment = x->bytes > offsetof(struct resume_context, environment_bytes);	/* not of an older launcher */

	thaw_identity.restores++;
	thaw_identity.pid = (uint64_t)sys_getpid();
	sys_getrandom(&thaw_identity.salt, sizeof(thaw_identity.salt), 0);
	thaw_identity.start_ns = x->start_ns;
	thaw_identity.arguments = x->arguments;
	thaw_identity.argument_bytes = x->argument_bytes;
	thaw_identity.environment = has_environment ? x->environment : 0;
	thaw_identity.environment_bytes = has_environment ? x->environment_bytes : 0;
	thaw_identity.recovered = 0;
}

static void take_over(struct resume_context *x)
{
	struct engine *e = engine_new(x->zone_next);
	long states;

	if (!e)
		fatal(EXIT_RESTORE, "no memory for the engine", -ENOMEM, "");
	engine = e;
	e->restored = e->came_back = e->busy = 1;
	identify(x);
	e->quiesce.pid = (uint32_t)sys_getpid();
	e->parent.meta = x->meta;
	e->parent.meta_bytes = x->meta_bytes;
	e->parent.number = x->number;
	string_copy(e->parent.folder, x->folder, sizeof(e->parent.folder));
	if (view_open(&e->parent.view, (uint8_t *)x->meta, x->meta_bytes) != VIEW_OK)
		fatal(EXIT_RESTORE, "the metadata cannot be read", -EINVAL, "thaw and the snapshot's libthaw.so disagree");
	states = zone_map(&e->zone_next, e->parent.view.crc_count + 1);
	e->fault.spans = (struct span *)zone_map(&e->zone_next, (e->parent.view.extent_count + 1) * sizeof(struct span));
	e->fault.moved.entries = (struct moved_page *)zone_map(&e->zone_next, (e->parent.view.crc_count + 1)
							       * sizeof(struct moved_page));
	e->parent.hashes = (uint64_t *)zone_map(&e->zone_next, (e->parent.view.crc_count + 1) * sizeof(uint64_t));
	if (states < 0 || (long)e->parent.hashes < 0 || (long)e->fault.spans < 0 || (long)e->fault.moved.entries < 0)
		fatal(EXIT_RESTORE, "no memory for the page table of the image", -ENOMEM, "");
	e->parent.states = (uint8_t *)states;
	e->fault.missing = e->parent.view.crc_count;
	e->fault.start_ns = x->start_ns;
	e->fault.all_loaded = 0;
	memcpy(e->fault.sources, x->sources, sizeof(x->sources));
}

static void open_uffd(bool lazy)
{
	struct fault_state *f = &engine->fault;
	uint64_t features = UFFD_FEATURE_WP_ASYNC | UFFD_FEATURE_WP_UNPOPULATED | UFFD_FEATURE_PAGEFAULT_FLAG_WP;

	if (lazy)
		features |= UFFD_FEATURE_EVENT_REMOVE | UFFD_FEATURE_EVENT_UNMAP | UFFD_FEATURE_EVENT_REMAP
			| UFFD_FEATURE_THREAD_ID;
	f->uffd = uffd_open(features, &f->mode);
	f->events = lazy && f->uffd >= 0;
	f->last_fault_ns = now_ns(CLOCK_MONOTONIC);	/* the first ones are about to come */
	engine->parent.valid = f->uffd >= 0;
	if (f->uffd >= 0) {		/* out of the application's numbers */
		int high = sys_fcntl(f->uffd, F_DUPFD_CLOEXEC, (long)engine->parent.view.header->highest_fd + 1);

		if (high >= 0) {
			sys_close(f->uffd);
			f->uffd = high;
		}
	}
}

static void say_not_lazy(long error)
{
	char line[256];
	struct text t;

	text_open(&t, line, sizeof(line));
	text_string(&t, "thaw: userfaultfd is not available: ");
	text_errno(&t, (int)-error);
	text_string(&t, "; all ");
	text_decimal(&t, engine->parent.view.crc_count >> 8);
	text_string(&t, " MiB were read before the start, and every checkpoint of this process will be full\n");
	sys_write(2, line, t.length);
}

/* The launcher made everything that has content writable. */
static void set_protections(const struct image_view *v)
{
	for (uint64_t i = 0; i < v->region_count; i++) {
		const struct image_region *r = &v->regions[i];

		if (r->extents && !(r->prot & PROT_WRITE) && sys_mprotect(r->start, r->end - r->start, (int)r->prot) != 0)
			fatal(EXIT_RESTORE, "a mapping's protection cannot be set", -ENOMEM, "");
	}
}

static void register_span(uint64_t start, uint64_t end)
{
	struct fault_state *f = &engine->fault;
	int error = uffd_register(f->uffd, start, end, UFFDIO_REGISTER_MODE_MISSING | UFFDIO_REGISTER_MODE_WP);

	if (error)
		fatal(EXIT_RESTORE, "memory cannot be registered with userfaultfd", error, "restore with --eager");
	f->spans[f->span_count++] = (struct span){ start, end };
}

static void register_lazy(const struct image_view *v, const struct image_region *r)
{
	uint64_t start = 0, end = 0;

	for (uint64_t i = r->first_extent; i < r->first_extent + r->extents; i++) {
		const struct image_extent *e = &v->extents[i];

		if (end && e->start - end >= SPAN_GAP) {
			register_span(start, end);
			end = 0;
		}
		if (!end)
			start = e->start;
		end = extent_end(e);
	}
	if (end)
		register_span(start, end);
}

/* Write-protects what is in place already; what comes later comes protected. */
static void protect_loaded(const struct image_view *v, const struct image_region *r)
{
	const uint8_t *states = engine->parent.states;

	for (uint64_t i = r->first_extent; i < r->first_extent + r->extents; i++) {
		const struct image_extent *e = &v->extents[i];

		for (uint64_t page = 0; page < e->pages;) {
			uint64_t from = page;

			while (page < e->pages && states[e->first_crc + page] == PAGE_LOADED)
				page++;
			if (page > from && uffd_protect(engine->fault.uffd, e->start + (from << THAW_PAGE_SHIFT),
							e->start + (page << THAW_PAGE_SHIFT)) != 0)
				engine->parent.valid = false;
			while (page < e->pages && states[e->first_crc + page] != PAGE_LOADED)
				page++;
		}
	}
}

static void register_all_lazy(const struct image_view *v)
{
	for (uint64_t i = 0; i < v->region_count; i++)
		if (v->regions[i].extents && region_is_lazy(&v->regions[i]))
			register_lazy(v, &v->regions[i]);
}

/* What is not lazy. Where the kernel refuses, the next checkpoint is full; this process is right all the same. */
static void track_filled(const struct image_view *v)
{
	for (uint64_t i = 0; i < v->region_count; i++) {
		const struct image_region *r = &v->regions[i];

		if (!is_tracked(r) || region_is_lazy(r))
			continue;
		if (uffd_register(engine->fault.uffd, r->start, r->end, UFFDIO_REGISTER_MODE_WP) != 0)
			engine->parent.valid = false;
		protect_loaded(v, r);
	}
}

static void restore_signals(const struct image_view *v)
{
	for (int signal = 1; signal <= SIGNAL_COUNT; signal++)
		sys_rt_sigaction(signal, (const struct kernel_sigaction *)&v->signals[signal - 1], NULL);
}

/* The library's own pages were filled by the launcher. */
static void count_engine_pages(const struct image_view *v)
{
	for (uint64_t i = 0; i < v->region_count; i++) {
		const struct image_region *r = &v->regions[i];

		if (!(r->flags & REGION_ENGINE))
			continue;
		for (uint64_t x = r->first_extent; x < r->first_extent + r->extents; x++) {
			const struct image_extent *e = &v->extents[x];

			memset(engine->parent.states + e->first_crc, PAGE_LOADED, e->pages);
			engine->fault.missing -= e->pages;
			engine->fault.pages_first += e->pages;
		}
	}
}

/* The loader helps from here on. */
static void fill(const struct image_view *v)
{
	struct fault_state *f = &engine->fault;

	f->window = LOAD_WINDOW_PAGES;
	threads_make_buffer(&f->server);
	threads_make_buffer(&f->loader);
	staging_make(&f->loader);
	if (f->events && f->prefetch && f->mode == UFFD_FULL) {
		preload_read();
		record_start();
	}
	fill_tids(v, f->server.buffer);
	threads_start_engine(&f->loader, "thaw-load", loader_main, LOADER_DATA_BYTES);
	fill_place_helper(f->loader.tid);
	fill_share(f->server.buffer);
	set_protections(v);
	if (f->uffd >= 0)
		track_filled(v);
}

/* The loader may be at work already. */
static void start_server(void)
{
	struct fault_state *f = &engine->fault;

	if (f->events) {
		threads_start_engine(&f->server, "thaw-fault", server_main, SERVER_DATA_BYTES);
		disk_start();
	}
	lock_take(&f->lock);
	if (f->missing == 0 && !f->all_loaded)
		fault_finished();
	lock_release(&f->lock);
}

static void thaw_resume(struct resume_context *x)
{
	const struct image_view *v;
	struct fault_state *f;
	bool lazy;

	take_over(x);
	v = &engine->parent.view;
	f = &engine->fault;
	lazy = !(x->flags & RESUME_EAGER) && !(v->header->flags & IMAGE_LAZY_OFF);
	open_uffd(lazy);
	/* In user mode the window in which a missing page fails a system call shall be short. */
	f->prefetch = !(x->flags & RESUME_NO_PREFETCH) && !(v->header->flags & IMAGE_PREFETCH_OFF);
	/* An older launcher does not say. */
	f->record_ns = x->bytes > offsetof(struct resume_context, record_ns) ? x->record_ns : RECORD_NS;
	f->injections.wanted = x->flags >> RESUME_INJECT_SHIFT;
	f->injections.draws = thaw_identity.salt;	/* other faults in each restore */
	f->lazy_mode = lazy ? f->mode : (uint32_t)UFFD_NONE;
	if (f->uffd < 0)
		say_not_lazy(f->uffd);
	sys_munmap(x->launcher_start, x->launcher_end - x->launcher_start);
	resume_mm(v);
	count_engine_pages(v);
	if (f->uffd >= 0)
		register_all_lazy(v);
	fill(v);
	restore_signals(v);
	start_server();
	resume_pid(engine_saved.pid_places, engine_saved.pid_place_count, thaw_identity.pid);
	threads_resume(v);
}
