/* SPDX-License-Identifier: Apache-2.0 */
#include "track/track.h"

#define TABLE_BYTES	(2ull << 20)	/* that one page table covers */
#define PIECE_BYTES	(16ull << 20)

static bool is_tracked(const struct image_region *r)
{
	return (r->kind == REGION_ANON || r->kind == REGION_FILE) && !(r->flags & REGION_ENGINE);
}

/*
 * What the region's start as a file mapping was decides nothing here: the mapping that stands there is
 * registered as it is. Spans still registered for MISSING are tracked already and must stay so.
 */
static int register_around_spans(const struct image_region *r)
{
	const struct fault_state *f = &engine->fault;
	uint64_t at = r->start;
	int error = 0;

	for (uint64_t i = 0; i < f->span_count && !error; i++) {
		const struct span *s = &f->spans[i];

		if (s->end <= at || s->start >= r->end)
			continue;
		if (s->start > at)
			error = uffd_register(f->uffd, at, s->start, UFFDIO_REGISTER_MODE_WP);
		at = max_u64(at, s->end);
	}
	return error || at >= r->end ? error : uffd_register(f->uffd, at, r->end, UFFDIO_REGISTER_MODE_WP);
}

/* A mapping made inside a span that is still lazy is not registered; all of the extent is present. */
static int protect_extent(uint64_t start, uint64_t end)
{
	int uffd = engine->fault.uffd, error = uffd_protect(uffd, start, end);

	if (error != -ENOENT)
		return error;
	error = uffd_register(uffd, start, end, UFFDIO_REGISTER_MODE_WP);
	return error ? error : uffd_protect(uffd, start, end);
}

static int protect_own(const struct image_view *v, const struct image_region *r)
{
	for (uint64_t i = r->first_extent; i < r->first_extent + r->extents; i++) {
		const struct image_extent *e = &v->extents[i];
		int error;

		if (e->source != 0)	/* protected since it was stored or loaded */
			continue;
		error = protect_extent(e->start, e->start + ((uint64_t)e->pages << THAW_PAGE_SHIFT));
		if (error)
			return error;
	}
	return 0;
}

bool track_arm(struct checkpoint *c)
{
	uint64_t features = UFFD_FEATURE_WP_ASYNC | UFFD_FEATURE_WP_UNPOPULATED | UFFD_FEATURE_PAGEFAULT_FLAG_WP;
	const struct image_view *v = &engine->parent.view;
	struct fault_state *f = &engine->fault;

	if (f->uffd < 0)		/* without events nobody has to read it */
		f->uffd = uffd_open(features, &f->mode);
	if (f->uffd < 0) {
		engine->parent.valid = false;
		return true;		/* the next one is full and says why */
	}
	for (uint64_t i = 0; i < v->region_count; i++) {
		const struct image_region *r = &v->regions[i];
		int error = 0;

		if (!is_tracked(r) || !r->extents)
			continue;
		if (c->needs_register[i])
			error = register_around_spans(r);
		if (!error)
			error = protect_own(v, r);
		if (error)
			return checkpoint_fail(c, STEP_TRACK, error, r->start, "");
	}
	return true;
}

/* `most` pages, 0: all of them. */
static long scan_each(int pagemap, uint64_t *at, uint64_t end, bool file, struct page_region *ret, uint32_t ranges,
		      uint64_t most)
{
	struct pm_scan_arg arg = {
		.size = sizeof(arg), .start = *at, .end = end, .vec = (uint64_t)ret, .vec_len = ranges, .max_pages = most,
		.category_anyof_mask = PAGE_IS_PRESENT | PAGE_IS_SWAPPED,
		.return_mask = PAGE_IS_WPALLOWED | PAGE_IS_WRITTEN | PAGE_IS_PRESENT | PAGE_IS_SWAPPED
			| PAGE_IS_PFNZERO | (file ? PAGE_IS_FILE : 0),
	};
	long found = sys_ioctl(pagemap, PAGEMAP_SCAN, &arg);

	if (found < 0)
		return found;
	*at = arg.walk_end <= *at ? end : arg.walk_end;
	return found;
}

/* Before Linux 6.9 a swapped page passes for protected there: "Fix uffd-wp confusion in pagemap_scan_pmd_entry()". */
static bool tells_written_swap(void)
{
	struct utsname name;
	const char *at = name.release;
	uint64_t major, minor = 0;

	if (sys_uname(&name) != 0)
		return false;
	major = parse_decimal(&at);
	if (*at++ == '.')
		minor = parse_decimal(&at);
	return major > 6 || (major == 6 && minor >= 9);
}

enum look { CLEAN, WRITTEN, ABSENT };

/*
 * fs/proc/task_mmu.c, pagemap_scan_pmd_entry(): asked for WRITTEN alone the kernel looks at nothing but the protection,
 * and an absent page has none; but where even the page table is absent it says nothing, so one entry of each
 * table is read, too. CLEAN: no page is written, and none is absent.
 */
static enum look look_at(int pagemap, uint64_t start, uint64_t end)
{
	struct page_region first;
	struct pm_scan_arg arg = {
		.size = sizeof(arg), .start = start, .end = end, .vec = (uint64_t)&first, .vec_len = 1,
		.category_mask = PAGE_IS_WRITTEN, .return_mask = PAGE_IS_WRITTEN,
	};

	if (!tells_written_swap() || sys_ioctl(pagemap, PAGEMAP_SCAN, &arg) != 0)
		return WRITTEN;
	for (uint64_t at = start; at < end; at = (at | (TABLE_BYTES - 1)) + 1) {
		uint64_t entry;

		if (sys_pread(pagemap, &entry, sizeof(entry), (at >> THAW_PAGE_SHIFT) * sizeof(entry)) != sizeof(entry)
		    || !(entry & PAGEMAP_UFFD_WP))
			return ABSENT;
	}
	return CLEAN;
}

long track_scan(int pagemap, uint64_t *at, uint64_t end, bool file, struct page_region *ret, uint32_t ranges)
{
	while (!file && *at < end) {
		uint64_t piece = min_u64(end, (*at | (PIECE_BYTES - 1)) + 1), next = *at;
		enum look look = look_at(pagemap, *at, piece);

		if (look == CLEAN) {
			*ret = (struct page_region){ *at, piece, PAGE_IS_WPALLOWED | PAGE_IS_PRESENT };
			*at = piece;
			return 1;
		}
		/* Holes may be large. */
		if (look == ABSENT && scan_each(pagemap, &next, end, false, ret, 1, 1) == 0) {
			*at = end;
			return 0;
		}
		if (look == WRITTEN || ret->start < piece)
			return scan_each(pagemap, at, piece, false, ret, ranges, 0);
		*at = ret->start;
	}
	return scan_each(pagemap, at, end, file, ret, ranges, 0);
}

static uint64_t count_region(int pagemap, const struct image_region *r)
{
	struct page_region ranges[16];
	struct pm_scan_arg arg = {
		.size = sizeof(arg), .start = r->start, .end = r->end, .vec = (uint64_t)ranges, .vec_len = 16,
		.category_inverted = PAGE_IS_PFNZERO | PAGE_IS_FILE,
		.category_mask = PAGE_IS_PRESENT | PAGE_IS_WRITTEN | PAGE_IS_PFNZERO | PAGE_IS_FILE,
		.return_mask = PAGE_IS_WRITTEN,
	};
	uint64_t pages = 0;

	while (arg.start < arg.end) {
		long found = sys_ioctl(pagemap, PAGEMAP_SCAN, &arg);

		if (found < 0)
			return pages;	/* unmapped meanwhile */
		for (long i = 0; i < found; i++)
			pages += (ranges[i].end - ranges[i].start) >> THAW_PAGE_SHIFT;
		if (arg.walk_end <= arg.start)
			break;
		arg.start = arg.walk_end;
	}
	return pages;
}

uint64_t track_count_dirty(void)
{
	const struct parent *p = &engine->parent;
	uint64_t pages = 0;
	int pagemap;

	if (!p->meta || !p->valid)
		return ~0ull;
	pagemap = sys_open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	if (pagemap < 0)
		return ~0ull;
	for (uint64_t i = 0; i < p->view.region_count; i++)
		if (is_tracked(&p->view.regions[i]))
			pages += count_region(pagemap, &p->view.regions[i]);
	sys_close(pagemap);
	return pages;
}
