/* SPDX-License-Identifier: Apache-2.0 */
#include "track/track.h"
#include "fault/fault.h"

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

/*
 * Loaded, and not discarded since: where events are read they come before the thread goes on that discards. Only in the Java
 * heap: elsewhere pages may go without one, by MADV_FREE when memory is short, or by MADV_GUARD_INSTALL.
 */
static bool are_known_present(uint64_t start, uint64_t end)
{
	const struct parent *p = &engine->parent;
	const struct image_header *h = p->view.header;
	const struct image_extent *e = NULL;
	const uint8_t *state;

	if (engine->fault.events && p->valid && p->meta && start >= h->heap_start && end <= h->heap_end)
		e = extent_at(start);
	if (!e || end > e->start + ((uint64_t)e->pages << THAW_PAGE_SHIFT))
		return false;
	state = p->states + e->first_crc + ((start - e->start) >> THAW_PAGE_SHIFT);
	for (; start < end; start += THAW_PAGE_SIZE)
		if (*state++ != PAGE_LOADED)
			return false;
	return true;
}

static bool is_protected(int pagemap, uint64_t address)
{
	uint64_t entry;

	return sys_pread(pagemap, &entry, sizeof(entry), (address >> THAW_PAGE_SHIFT) * sizeof(entry)) == sizeof(entry)
		&& entry & PAGEMAP_UFFD_WP;
}

static bool have_page_tables(int pagemap, uint64_t start, uint64_t end)
{
	for (uint64_t at = start; at < end; at = (at | (TABLE_BYTES - 1)) + 1)
		if (!are_known_present(at, at + THAW_PAGE_SIZE) && !is_protected(pagemap, at))
			return false;
	return true;
}

/* Adds what lies before a written range, and the range. */
static long add_ranges(struct page_region *ret, long count, uint64_t done, uint64_t start, uint64_t end)
{
	if (done < start)
		ret[count++] = (struct page_region){ done, start, PAGE_IS_WPALLOWED | PAGE_IS_PRESENT };
	if (start < end)
		ret[count++] = (struct page_region){ start, end, PAGE_IS_WPALLOWED | PAGE_IS_PRESENT | PAGE_IS_WRITTEN };
	return count;
}

/*
 * fs/proc/task_mmu.c, pagemap_scan_pmd_entry(): asked for WRITTEN alone the kernel looks at nothing but the protection, and
 * is five times as fast. An absent page has none, and counts as written. (Where even the page table is absent Linux 6.18 says
 * nothing in memory that is not registered, and another version might in all.) So this does where all tables are there and all
 * that is written is known to be present; 0 where not.
 */
static long scan_known(int pagemap, uint64_t *at, uint64_t end, struct page_region *ret, uint32_t ranges)
{
	uint32_t most = (ranges - 1) / 2;
	struct page_region *written = ret + ranges - most;	/* each becomes two: read before it is overwritten */
	struct pm_scan_arg arg = {
		.size = sizeof(arg), .start = *at, .end = end, .vec = (uint64_t)written, .vec_len = most,
		.flags = PM_SCAN_CHECK_WPASYNC, .category_mask = PAGE_IS_WRITTEN, .return_mask = PAGE_IS_WRITTEN,
	};
	long found = most && tells_written_swap() ? sys_ioctl(pagemap, PAGEMAP_SCAN, &arg) : -1, count = 0;
	uint64_t done = *at, stop = arg.walk_end <= *at ? end : arg.walk_end;

	if (found < 0 || !have_page_tables(pagemap, *at, stop))
		return 0;
	for (long i = 0; i < found; i++)
		if (!are_known_present(written[i].start, written[i].end))
			return 0;
	for (long i = 0; i < found; i++) {
		struct page_region w = written[i];

		count = add_ranges(ret, count, done, w.start, w.end);
		done = w.end;
	}
	*at = stop;
	return add_ranges(ret, count, done, stop, stop);
}

long track_scan(int pagemap, uint64_t *at, uint64_t end, bool file, struct page_region *ret, uint32_t ranges)
{
	while (!file && *at < end) {
		uint64_t piece = min_u64(end, (*at | (PIECE_BYTES - 1)) + 1), next = *at;
		long found = scan_known(pagemap, at, piece, ret, ranges);

		if (found)
			return found;
		/* Holes may be large. */
		found = scan_each(pagemap, &next, end, false, ret, 1, 1);
		if (found <= 0) {
			*at = end;
			return found;
		}
		if (ret->start < piece)
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
