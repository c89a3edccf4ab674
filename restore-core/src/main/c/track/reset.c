/* SPDX-License-Identifier: Apache-2.0
 * A region back to what it was, by copying only its changed pages.
 */
#include "track/track.h"

#define RANGES		32u
#define JOIN_BYTES	(32u * THAW_PAGE_SIZE)	/* walking over so much costs less than another system call */

int track_hold(int uffd, uint64_t start, uint64_t end)
{
	int error = uffd_register(uffd, start, end, UFFDIO_REGISTER_MODE_WP);

	return error ? error : uffd_protect(uffd, start, end);
}

/*
 * Held pages are present and not WRITTEN; swapped and not WRITTEN where the swap has them, or where they were never
 * populated (a marker stands for the protection). A discarded page is neither present nor swapped; Linux 6.18 calls it
 * WRITTEN as well, which is not documented.
 */
static bool is_changed(const struct page_region *r)
{
	return r->categories & PAGE_IS_WRITTEN || !(r->categories & (PAGE_IS_PRESENT | PAGE_IS_SWAPPED));
}

/*
 * The next changed ranges from *at on, which moves behind them; how many, or -errno. Not PM_SCAN_WP_MATCHING, which
 * would protect at once: our own copying back would count as a write.
 */
static long next_changes(int pagemap, uint64_t *at, uint64_t end, struct page_region *ret)
{
	struct pm_scan_arg arg = {
		.size = sizeof(arg), .start = *at, .end = end, .vec = (uint64_t)ret, .vec_len = RANGES,
		.category_inverted = PAGE_IS_PRESENT,
		.category_anyof_mask = PAGE_IS_WRITTEN | PAGE_IS_PRESENT,
		.return_mask = PAGE_IS_WRITTEN | PAGE_IS_PRESENT | PAGE_IS_SWAPPED,
	};
	long found = sys_ioctl(pagemap, PAGEMAP_SCAN, &arg), kept = 0;

	if (found < 0)
		return found;
	if (arg.walk_end <= *at)
		return -EFAULT;
	*at = arg.walk_end;
	for (long i = 0; i < found; i++)
		if (is_changed(&ret[i]))
			ret[kept++] = ret[i];
	return kept;
}

/* The pages brought back, or -errno. */
static long bring_back(int uffd, const struct page_region *changed, long count, uint64_t start, const uint8_t *content)
{
	long pages = 0;

	for (long i = 0; i < count;) {
		uint64_t from = changed[i].start, to = from;
		int error;

		for (; i < count && changed[i].start - to <= JOIN_BYTES; i++) {
			uint64_t bytes = changed[i].end - changed[i].start;

			memcpy((void *)changed[i].start, content + (changed[i].start - start), bytes);
			to = changed[i].end;
			pages += (long)(bytes >> THAW_PAGE_SHIFT);
		}
		error = uffd_protect(uffd, from, to);	/* what lies between is protected already */
		if (error)
			return error;
	}
	return pages;
}

long track_reset(int uffd, int pagemap, uint64_t start, uint64_t end, const uint8_t *content)
{
	struct page_region changed[RANGES];
	long pages = 0;

	for (uint64_t at = start; at < end;) {
		long found = next_changes(pagemap, &at, end, changed), done;

		if (found < 0)
			return found;
		done = bring_back(uffd, changed, found, start, content);
		if (done < 0)
			return done;
		pages += done;
	}
	return pages;
}
