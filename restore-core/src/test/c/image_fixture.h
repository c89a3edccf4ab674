/* SPDX-License-Identifier: Apache-2.0
 * An engine over an image of one region of the Java heap, as a restore leaves it: nothing is loaded, no thread runs.
 */
#ifndef IMAGE_FIXTURE_H
#define IMAGE_FIXTURE_H

#include "fault/fault.h"
#include "image/crc.h"
#include "restore/threads.h"
#include "track/track.h"

#include "check.h"

static struct image_header header;
static struct image_source source;
static struct image_region region;
static struct image_extent extent;

/* Of the image: as a checkpoint writes them, behind the page of the header. */
static inline void fixture_write_page(int fd, uint32_t page, const uint64_t *content, uint32_t *crcs)
{
	crcs[page] = crc32c_page(content);
	MUST(sys_pwrite(fd, content, THAW_PAGE_SIZE, (page + 1) * (uint64_t)THAW_PAGE_SIZE));
}

/* The first word of each page is its number, from 1 on. */
static inline int fixture_make_file(uint32_t pages, uint32_t *crcs)
{
	static uint64_t content[THAW_PAGE_SIZE / 8];
	int fd = (int)MUST(sys_memfd_create("pages", 0));

	for (uint32_t page = 0; page < pages; page++) {
		content[0] = page + 1;
		fixture_write_page(fd, page, content, crcs);
	}
	return fd;
}

/* It begins with a block, at another address than any before. */
static inline void fixture_make_view(uint32_t pages, uint32_t *crcs)
{
	struct image_view *v = &engine->parent.view;
	const uint64_t bytes = pages * (uint64_t)THAW_PAGE_SIZE;
	long memory = MUST(sys_mmap(0, bytes + BLOCK_BYTES, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));

	source = (struct image_source){ .pages = pages };
	region = (struct image_region){ .start = align_up((uint64_t)memory, BLOCK_BYTES), .kind = REGION_ANON,
					.prot = PROT_READ | PROT_WRITE, .flags = REGION_HEAP, .extents = 1 };
	region.end = region.start + bytes;
	extent = (struct image_extent){ .start = region.start, .pages = pages, .source_page = 1 };
	header.heap_start = region.start, header.heap_end = region.end;
	v->header = &header;
	v->sources = &source, v->source_count = 1;
	v->regions = &region, v->region_count = 1;
	v->extents = &extent, v->extent_count = 1;
	v->crcs = crcs, v->crc_count = pages;
}

/* uffd, mode: of uffd_open(). The image file is the engine's from now on. */
static inline void fixture_begin(int uffd, uint32_t mode, int file, uint32_t pages, uint32_t *crcs)
{
	struct fault_state *f;

	engine = engine_new(ZONE_MEMORY);
	MUST(engine ? 0 : -ENOMEM);
	engine->restored = 1;
	fixture_make_view(pages, crcs);
	engine->parent.states = (uint8_t *)MUST(zone_map(&engine->zone_next, pages + 1));
	engine->parent.hashes = (uint64_t *)MUST(zone_map(&engine->zone_next, (pages + 1) * sizeof(uint64_t)));
	f = &engine->fault;
	f->spans = (struct span *)MUST(zone_map(&engine->zone_next, sizeof(struct span)));
	f->spans[f->span_count++] = (struct span){ region.start, region.end };
	f->missing = pages;
	f->all_loaded = 0;
	f->window = LOAD_WINDOW_PAGES;
	f->sources[0] = file;
	f->uffd = uffd;
	f->events = true;
	f->mode = f->lazy_mode = mode;
	MUST(uffd_register(uffd, region.start, region.end, UFFDIO_REGISTER_MODE_MISSING | UFFDIO_REGISTER_MODE_WP));
	threads_make_buffer(&f->server);
	threads_make_buffer(&f->loader);
	staging_make(&f->loader);
}

static inline void fixture_start_loader(void)
{
	threads_start_engine(&engine->fault.loader, "thaw-load", loader_main, LOADER_DATA_BYTES);
	fill_share(engine->fault.server.buffer);	/* the loader waits for it */
}

static inline void fixture_start_threads(void)
{
	struct fault_state *f = &engine->fault;

	fixture_start_loader();
	threads_start_engine(&f->server, "thaw-fault", server_main, SERVER_DATA_BYTES);
	disk_start();
}

#endif
