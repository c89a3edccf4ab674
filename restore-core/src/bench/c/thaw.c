/* SPDX-License-Identifier: Apache-2.0
 * The engine itself, from the object files of libthaw.so, over an image of one region: what thaw_resume() in
 * restore/resume.c does for a snapshot, without the process around it.
 */
#include "bench.h"

#include "fault/fault.h"
#include "restore/threads.h"
#include "track/track.h"

static struct image_header header;
static struct image_source source;
static struct image_region whole;
static struct image_extent extent;

static void make_view(const struct setup *s, uint64_t start)
{
	struct image_view *v = &engine->parent.view;

	source.pages = s->pages;
	whole = (struct image_region){ .start = start, .end = start + s->pages * THAW_PAGE_SIZE, .kind = REGION_ANON,
				       .prot = PROT_READ | PROT_WRITE, .flags = REGION_HEAP, .extents = 1 };
	extent = (struct image_extent){ .start = start, .pages = (uint32_t)s->pages, .source_page = 1 };
	header.heap_start = whole.start, header.heap_end = whole.end;
	v->header = &header;
	v->sources = &source, v->source_count = 1;
	v->regions = &whole, v->region_count = 1;
	v->extents = &extent, v->extent_count = 1;
	v->crcs = image.crcs, v->crc_count = s->pages;
}

static void open_tracking(const struct setup *s)
{
	struct fault_state *f = &engine->fault;
	uint64_t mode = UFFDIO_REGISTER_MODE_MISSING | (s->tracked ? UFFDIO_REGISTER_MODE_WP : 0);

	f->uffd = (int)must(uffd_open(UFFD_FEATURE_WP_ASYNC | UFFD_FEATURE_WP_UNPOPULATED | UFFD_FEATURE_PAGEFAULT_FLAG_WP
				      | UFFD_FEATURE_EVENT_REMOVE | UFFD_FEATURE_EVENT_UNMAP | UFFD_FEATURE_EVENT_REMAP,
				      &f->mode), "userfaultfd");
	f->events = true;
	f->lazy_mode = f->mode;
	f->copy_mode = s->tracked ? UFFDIO_COPY_MODE_WP : 0;
	must(uffd_register(f->uffd, whole.start, whole.end, mode), "UFFDIO_REGISTER");
	f->spans[f->span_count++] = (struct span){ whole.start, whole.end };
}

/* A working set of everything, in runs as fault/record.c makes them. */
static void record_all(uint64_t pages)
{
	struct preload *p = &engine->fault.preload;

	p->count = p->early = (uint32_t)((pages + AHEAD_WINDOW_PAGES - 1) / AHEAD_WINDOW_PAGES);
	p->runs = (struct page_run *)must(zone_map(&engine->zone_next, p->count * sizeof(struct page_run)), "zone_map");
	for (uint32_t i = 0; i < p->count; i++) {
		uint64_t first = (uint64_t)i * AHEAD_WINDOW_PAGES;

		p->runs[i] = (struct page_run){ (uint32_t)first, (uint32_t)min_u64(AHEAD_WINDOW_PAGES, pages - first) };
	}
	p->pages = pages;
	p->rounds = 2;
}

static void make_engine(const struct setup *s, uint64_t start)
{
	engine = engine_new(ZONE_MEMORY);
	must(engine ? 0 : -ENOMEM, "engine_new");
	engine->restored = 1;
	make_view(s, start);
	engine->parent.states = (uint8_t *)must(zone_map(&engine->zone_next, s->pages + 1), "zone_map");
}

void begin_loaded(uint64_t start, uint64_t pages)
{
	make_engine(&(struct setup){ .pages = pages }, start);
	engine->parent.valid = true;
	engine->parent.meta = 1;
	engine->fault.events = true;
	memset(engine->parent.states, PAGE_LOADED, pages);
}

uint64_t begin_thaw(const struct setup *s)
{
	uint64_t at = map_region(s->pages * THAW_PAGE_SIZE, HUGE_BYTES);
	struct fault_state *f;

	make_engine(s, at);
	f = &engine->fault;
	engine->parent.hashes = (uint64_t *)must(zone_map(&engine->zone_next, (s->pages + 1) * sizeof(uint64_t)), "zone_map");
	f->spans = (struct span *)must(zone_map(&engine->zone_next, sizeof(struct span)), "zone_map");
	f->missing = s->pages;
	f->all_loaded = 0;
	f->sources[0] = (int)must(sys_fcntl(image.fd, F_DUPFD_CLOEXEC, 0), "dup");	/* closed when all is loaded */
	f->start_ns = now_ns(CLOCK_MONOTONIC);
	f->window = s->window ? s->window : LOAD_WINDOW_PAGES;
	f->prefetch = s->prefetch;
	f->load_all = s->load_all;
	if (s->window)			/* the loader sets the shipped one when it starts */
		f->ahead_from_ns = ~0ull;
	open_tracking(s);
	if (s->recorded)
		record_all(s->pages);
	threads_make_buffer(&f->server);
	threads_make_buffer(&f->loader);
	staging_make(&f->loader);
	threads_start_engine(&f->loader, "thaw-load", loader_main, LOADER_DATA_BYTES);
	fill_share(f->server.buffer);
	threads_start_engine(&f->server, "thaw-fault", server_main, SERVER_DATA_BYTES);
	disk_start();
	return at;
}

/*
 * The engine's own books: every page came in once. The kernel's: those written are known to be, and no others; without
 * tracking all count as written.
 */
void after_thaw(uint64_t at, const struct setup *s, uint64_t written)
{
	const struct fault_state *f = &engine->fault;
	uint64_t loaded, dirty;

	fault_load_all();
	protect_all();
	dirty = count_pages(at, s->pages, PAGE_IS_WRITTEN | PAGE_IS_PRESENT);
	loaded = f->pages_first + f->pages_demand + f->pages_ahead;
	if (loaded != s->pages || f->missing || f->pages_dropped || f->pages_zero)
		host_fail("the engine counts %lu pages loaded of %lu, %lu missing, %lu dropped, %lu zero", loaded, s->pages,
			  f->missing, f->pages_dropped, f->pages_zero);
	if (dirty != (s->tracked ? written : s->pages))
		host_fail("%lu pages of %lu count as written, %lu were, %s", dirty, s->pages, written,
			  s->tracked ? "tracked" : "untracked");
}
