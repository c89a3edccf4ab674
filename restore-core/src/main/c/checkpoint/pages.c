/* SPDX-License-Identifier: Apache-2.0
 * Which pages of a region are stored now, which are left to the parent snapshot, and the writing of them.
 */
#include "checkpoint/checkpoint.h"
#include "descriptors/descriptors.h"
#include "image/crc.h"
#include "track/track.h"

#define REBUILD_SHARE	4u	/* a private file mapping with 1/4 of its pages copied is stored whole, */
#define REBUILD_PAGES	16u	/* if that is at least 64 KiB: it comes back lazily instead of page by page */

struct region_walk {
	struct checkpoint *c;
	struct image_region *r;
	uint64_t index;			/* of the region */
	bool through_mem;		/* not plainly readable: /proc/self/mem */
	bool whole;			/* absent pages have content, too */
	bool guards;			/* what cannot be read is a guard */
};

static bool flush_runs(struct checkpoint *c)
{
	struct page_writer *w = &c->writer;
	uint32_t at = 0;

	while (at < w->run_count) {
		uint64_t before = w->flushed_page;
		long put = sys_pwritev(w->fd, w->runs + at, (int)(w->run_count - at),
				       w->flushed_page << THAW_PAGE_SHIFT);

		if (put <= 0)
			return checkpoint_fail(c, put == -EFAULT ? STEP_READ_MEMORY : STEP_WRITE, put ? put : -EIO,
					       (uint64_t)w->runs[at].iov_base, c->result.path);
		while (at < w->run_count && (uint64_t)put >= w->runs[at].iov_len) {
			put -= (long)w->runs[at].iov_len;
			w->flushed_page += w->runs[at++].iov_len >> THAW_PAGE_SHIFT;
		}
		put &= ~(long)(THAW_PAGE_SIZE - 1);
		if (at < w->run_count) {
			w->runs[at].iov_base = (char *)w->runs[at].iov_base + put;
			w->runs[at].iov_len -= (size_t)put;
			w->flushed_page += (uint64_t)put >> THAW_PAGE_SHIFT;
		}
		/* A small-block disk full, or a file size limit, in the middle of a page. */
		if (w->flushed_page == before)
			return checkpoint_fail(c, STEP_WRITE, -ENOSPC, 0, c->result.path);
	}
	w->run_count = 0;
	w->run_pages = 0;
	return true;
}

static bool add_crc(struct checkpoint *c, uint32_t crc)
{
	uint32_t *entry = builder_add(&c->builder, SECTION_CRCS);

	if (entry)
		*entry = crc;
	return entry != NULL;
}

/* Prolongs the region's last extent or starts one; the caller adds the checksums. */
static bool add_extent(struct region_walk *k, uint64_t address, uint32_t pages, uint32_t source, uint64_t source_page)
{
	struct builder *b = &k->c->builder;
	struct table *t = &b->tables[SECTION_EXTENTS];
	struct image_extent *e = k->r->extents ? BUILDER_AT(b, SECTION_EXTENTS, struct image_extent, t->count - 1) : NULL;

	if (e && e->source == source && e->start + ((uint64_t)e->pages << THAW_PAGE_SHIFT) == address
	    && e->source_page + e->pages == source_page) {
		e->pages += pages;
		return true;
	}
	e = builder_add(b, SECTION_EXTENTS);
	if (!e)
		return false;
	*e = (struct image_extent){ .start = address, .pages = pages, .source = source, .source_page = source_page,
				    .first_crc = b->tables[SECTION_CRCS].count };
	k->r->extents++;
	return true;
}

/* Memory at `from` holds the page of `address`; it stays as it is until flush_runs. */
static bool store_page(struct region_walk *k, uint64_t address, const uint8_t *from)
{
	struct checkpoint *c = k->c;
	struct page_writer *w = &c->writer;
	struct iovec *run = w->run_count ? &w->runs[w->run_count - 1] : NULL;

	if (page_is_zero(from) && k->r->kind != REGION_FILE)	/* there a hole is the file's content */
		return true;
	if (!add_extent(k, address, 1, 0, w->next_page) || !add_crc(c, crc32c_page(from)))
		return checkpoint_fail(c, STEP_MEMORY, -ENOMEM, 0, "page index");
	w->next_page++;
	c->result.own_pages++;
	w->run_pages++;
	if (run && (uint8_t *)run->iov_base + run->iov_len == from) {
		run->iov_len += THAW_PAGE_SIZE;
	} else {
		w->runs[w->run_count++] = (struct iovec){ (void *)from, THAW_PAGE_SIZE };
	}
	return w->run_count < WRITE_RUNS && w->run_pages < STAGING_PAGES ? true : flush_runs(c);
}

/* Pages that cannot be read (behind the end of a mapped file) have no content. */
static bool store_through_mem(struct region_walk *k, uint64_t start, uint64_t end)
{
	struct checkpoint *c = k->c;

	while (start < end) {
		uint64_t bytes = min_u64(end - start, STAGING_PAGES * THAW_PAGE_SIZE);
		long got;

		if (!flush_runs(c))	/* staging is free again */
			return false;
		got = sys_pread(c->mem_fd, c->staging, bytes, start) & ~(long)(THAW_PAGE_SIZE - 1);
		if (got <= 0 && !k->whole && !k->guards && k->r->kind == REGION_ANON)
			return checkpoint_fail(c, STEP_READ_MEMORY, got ? got : -EIO, start, "/proc/self/mem");
		if (got <= 0) {
			start += THAW_PAGE_SIZE;
			continue;
		}
		for (long at = 0; at < got; at += THAW_PAGE_SIZE)
			if (!store_page(k, start + (uint64_t)at, c->staging + at))
				return false;
		start += (uint64_t)got;
	}
	return flush_runs(c);
}

static bool store_range(struct region_walk *k, uint64_t start, uint64_t end)
{
	if (k->through_mem || k->guards)
		return store_through_mem(k, start, end);
	for (; start < end; start += THAW_PAGE_SIZE)
		if (!store_page(k, start, (const uint8_t *)start))
			return false;
	return true;
}

static uint32_t our_source(struct checkpoint *c, uint32_t parent_source)
{
	struct image_source *s;
	uint32_t *known = &c->source_map[parent_source];

	if (*known != THAW_NONE)
		return *known;
	*known = (uint32_t)c->builder.tables[SECTION_SOURCES].count;
	s = builder_add(&c->builder, SECTION_SOURCES);
	if (!s)
		return THAW_NONE;
	*s = engine->parent.view.sources[parent_source];
	if (s->number == 0)		/* the parent's own pages */
		s->number = engine->parent.number;
	return *known;
}

static bool refer(struct region_walk *k, const struct image_extent *e, uint64_t from, uint64_t pages)
{
	struct checkpoint *c = k->c;
	const uint32_t *crcs = engine->parent.view.crcs + e->first_crc + from;
	uint32_t source = our_source(c, e->source);

	if (source == THAW_NONE
	    || !add_extent(k, e->start + (from << THAW_PAGE_SHIFT), (uint32_t)pages, source, e->source_page + from)
	    || !builder_add_all(&c->builder, SECTION_CRCS, crcs, pages))
		return checkpoint_fail(c, STEP_MEMORY, -ENOMEM, 0, "page index");
	c->result.parent_pages += pages;
	return true;
}

/* The parent's first extent that ends behind the address. */
static uint64_t find_extent(const struct image_view *v, uint64_t address)
{
	uint64_t low = 0, high = v->extent_count;

	while (low < high) {
		uint64_t middle = (low + high) / 2;
		const struct image_extent *e = &v->extents[middle];

		if (e->start + ((uint64_t)e->pages << THAW_PAGE_SHIFT) <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/*
 * [start, end): pages in the wanted state are left to the parent; all others are stored (otherwise = true)
 * or have no content.
 */
static bool leave_to_parent(struct region_walk *k, uint64_t start, uint64_t end, uint8_t wanted, bool otherwise)
{
	const struct parent *p = &engine->parent;
	uint64_t at = start;

	if (!k->c->delta)
		return !otherwise || store_range(k, start, end);
	for (uint64_t i = find_extent(&p->view, start); i < p->view.extent_count && p->view.extents[i].start < end; i++) {
		const struct image_extent *e = &p->view.extents[i];
		const uint8_t *states = p->states + e->first_crc;
		uint64_t page = at > e->start ? (at - e->start) >> THAW_PAGE_SHIFT : 0;
		uint64_t last = min_u64(e->pages, (end - e->start) >> THAW_PAGE_SHIFT);

		while (page < last) {
			uint64_t from = page;

			while (page < last && states[page] == wanted)
				page++;
			if (page > from) {
				uint64_t address = e->start + (from << THAW_PAGE_SHIFT);

				if ((otherwise && at < address && !store_range(k, at, address))
				    || !refer(k, e, from, page - from))
					return false;
				at = e->start + (page << THAW_PAGE_SHIFT);
			}
			while (page < last && states[page] != wanted)
				page++;
		}
	}
	return !otherwise || at >= end || store_range(k, at, end);
}

/* A range that the scan did not report: nothing is there, unless it was never loaded. */
static bool absent(struct region_walk *k, uint64_t start, uint64_t end)
{
	if (start >= end)
		return true;
	if (k->whole)			/* what is discarded becomes the file's again, without a trace */
		return store_range(k, start, end);
	return leave_to_parent(k, start, end, PAGE_MISSING, false);
}

/* The mapping that stands there now may be of a file. */
static bool is_from_file(const struct image_region *r)
{
	return r->kind == REGION_FILE || r->flags & REGION_REBUILT;
}

static bool present(struct region_walk *k, const struct page_region *p)
{
	bool from_file = is_from_file(k->r);

	if (!(p->categories & PAGE_IS_WPALLOWED))
		k->c->needs_register[k->index] = 1;
	if (from_file && (p->categories & PAGE_IS_FILE))
		return absent(k, p->start, p->end);
	if (p->categories & PAGE_IS_PFNZERO)
		return true;
	/* A discarded page of a private file mapping keeps its marker: SWAPPED, not WRITTEN, and the file's again. */
	if (from_file && !(p->categories & (PAGE_IS_PRESENT | PAGE_IS_WRITTEN)))
		return k->whole ? store_range(k, p->start, p->end) : store_through_mem(k, p->start, p->end);
	/* Swapped, or a guard (MADV_GUARD_INSTALL, Linux 6.13): a load of that is SIGSEGV. */
	k->guards = !(p->categories & PAGE_IS_PRESENT);
	if (p->categories & PAGE_IS_WRITTEN)
		return store_range(k, p->start, p->end);
	return leave_to_parent(k, p->start, p->end, PAGE_LOADED, true);
}

typedef bool (*range_visit)(struct region_walk *k, const struct page_region *p);

static bool scan(struct region_walk *k, range_visit visit, range_visit gap)
{
	struct checkpoint *c = k->c;
	uint64_t done = k->r->start, at = done;

	while (at < k->r->end) {
		long found = track_scan(c->pagemap_fd, &at, k->r->end, is_from_file(k->r), c->scan, SCAN_RANGES);

		if (found < 0)
			return checkpoint_fail(c, STEP_SCAN, found, at, "");
		for (long i = 0; i < found; i++) {
			struct page_region hole = { done, c->scan[i].start, 0 };

			if ((gap && !gap(k, &hole)) || !visit(k, &c->scan[i]))
				return false;
			done = c->scan[i].end;
		}
	}
	return !gap || gap(k, &(struct page_region){ done, k->r->end, 0 });
}

static bool visit_gap(struct region_walk *k, const struct page_region *p)
{
	return absent(k, p->start, p->end);
}

static bool count_copied(struct region_walk *k, const struct page_region *p)
{
	if (!(p->categories & (PAGE_IS_FILE | PAGE_IS_PFNZERO)))
		k->r->extents += (p->end - p->start) >> THAW_PAGE_SHIFT;	/* a counter, for the moment */
	return true;
}

/* A private file mapping most of which was copied on write (the CDS archive after relocation). */
static bool decide_rebuild(struct region_walk *k)
{
	struct image_region *r = k->r;
	uint64_t copied, all = (r->end - r->start) >> THAW_PAGE_SHIFT;

	if (r->kind != REGION_FILE)
		return true;
	if (!scan(k, count_copied, NULL))
		return false;
	copied = r->extents;
	r->extents = 0;
	if (copied >= REBUILD_PAGES && copied * REBUILD_SHARE >= all) {
		r->kind = REGION_ANON;
		r->flags |= REGION_REBUILT;
		r->file = THAW_NONE;
		r->offset = 0;
	}
	return true;
}

/*
 * What the memfd has of the region, found without touching holes: that would allocate them. The scan does not do:
 * what is in the file need not be in the page tables.
 */
static bool store_memfd(struct region_walk *k)
{
	const struct image_region *r = k->r;
	uint64_t at = r->offset, end = r->offset + (r->end - r->start);
	bool stored = true;
	long kept = sys_lseek((int)r->file, 0, SEEK_CUR), data, hole;

	while (stored && at < end && (data = sys_lseek((int)r->file, (int64_t)at, SEEK_DATA)) >= 0
	       && (uint64_t)data < end) {
		hole = sys_lseek((int)r->file, data, SEEK_HOLE);
		if (hole < data)
			return checkpoint_fail(k->c, STEP_READ_MEMORY, hole, r->start, HEAP_MEMFD);
		at = min_u64((uint64_t)hole, end);
		stored = store_range(k, r->start + ((uint64_t)data - r->offset), r->start + (at - r->offset));
	}
	sys_lseek((int)r->file, kept, SEEK_SET);
	return stored;
}

static bool capture_region(struct checkpoint *c, uint64_t index)
{
	struct image_region *r = BUILDER_AT(&c->builder, SECTION_REGIONS, struct image_region, index);
	struct region_walk k = { .c = c, .r = r, .index = index };
	bool shared = r->kind == REGION_ANON_SHARED || r->kind == REGION_PERFDATA || r->kind == REGION_MEMFD;

	r->first_extent = c->builder.tables[SECTION_EXTENTS].count;
	r->extents = 0;
	if (r->kind == REGION_FILE_SHARED)
		return true;
	if (!decide_rebuild(&k))
		return false;
	k.whole = r->flags & REGION_REBUILT;
	k.through_mem = shared || k.whole || !(r->prot & PROT_READ);
	if (r->kind == REGION_MEMFD)
		return store_memfd(&k);
	if (shared)			/* other mappings of the memory are not seen by the scan */
		return store_range(&k, r->start, r->end);
	return scan(&k, present, visit_gap);
}

bool pages_capture(struct checkpoint *c)
{
	c->writer.next_page = c->writer.flushed_page = 1;
	for (uint64_t i = 0; i < c->builder.tables[SECTION_REGIONS].count; i++)
		if (!capture_region(c, i))
			return false;
	return flush_runs(c);
}

bool pages_finish(struct checkpoint *c)
{
	struct pages_header h = { .magic = THAW_PAGES_MAGIC, .version = THAW_FORMAT_VERSION,
				  .pages = c->writer.next_page - 1 };
	long put;

	memcpy(h.id, c->header.id, THAW_ID_BYTES);
	h.crc = crc32c(0, &h, sizeof(h));
	memset(c->staging, 0, THAW_PAGE_SIZE);
	memcpy(c->staging, &h, sizeof(h));
	put = sys_pwrite(c->writer.fd, c->staging, THAW_PAGE_SIZE, 0);
	if (put != THAW_PAGE_SIZE)
		return checkpoint_fail(c, STEP_WRITE, put < 0 ? put : -ENOSPC, 0, c->result.path);
	return true;
}
