/* SPDX-License-Identifier: Apache-2.0
 * The working set goes along: what this process touched first after its restore, the next one will, too.
 */
#include "fault/working_set.h"

#include "checkpoint/checkpoint.h"
#include "fault/fault.h"

static uint64_t end_of(const struct image_extent *e) { return e->start + ((uint64_t)e->pages << THAW_PAGE_SHIFT); }

/* The first extent of the new image that ends after the address. */
static uint64_t first_after(const struct image_extent *extents, uint64_t count, uint64_t address)
{
	uint64_t low = 0, high = count;

	while (low < high) {
		uint64_t middle = (low + high) / 2;

		if (end_of(&extents[middle]) <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Appends what the new image has of these addresses; the number of runs then. */
static uint32_t add_addresses(struct checkpoint *c, uint64_t start, uint64_t end, struct page_run *runs, uint32_t count)
{
	const struct table *t = &c->builder.tables[SECTION_EXTENTS];
	const struct image_extent *extents = (const struct image_extent *)t->base;

	for (uint64_t i = first_after(extents, t->count, start); i < t->count && extents[i].start < end; i++) {
		const struct image_extent *e = &extents[i];
		uint64_t from = max_u64(e->start, start), to = min_u64(end_of(e), end);

		runs[count++] = (struct page_run){ (uint32_t)(e->first_crc + ((from - e->start) >> THAW_PAGE_SHIFT)),
						   (uint32_t)((to - from) >> THAW_PAGE_SHIFT) };
	}
	return count;
}

static uint32_t add_run(struct checkpoint *c, const struct page_run *r, struct page_run *runs, uint32_t count)
{
	for (uint64_t index = r->first, end = (uint64_t)r->first + r->pages; index < end;) {
		const struct image_extent *e = extent_of_index(index);
		uint64_t last = min_u64(end, e->first_crc + e->pages);

		count = add_addresses(c, e->start + ((index - e->first_crc) << THAW_PAGE_SHIFT),
				      e->start + ((last - e->first_crc) << THAW_PAGE_SHIFT), runs, count);
		index = last;
	}
	return count;
}

void working_set_carry(struct checkpoint *c)
{
	const struct preload *p = &engine->fault.preload;
	uint64_t room = sizeof(struct working_set_header) + p->pages * sizeof(struct page_run);
	struct working_set_header *h;
	struct page_run *runs;
	int fd;

	if (!p->runs || engine->parent.generation != 0)	/* else the indices are an older snapshot's */
		return;
	h = (struct working_set_header *)zone_map(&engine->zone_next, room);
	if ((long)h < 0)
		return;
	runs = (struct page_run *)(h + 1);
	h->magic = WORKING_SET_MAGIC;
	memcpy(h->id, c->header.id, THAW_ID_BYTES);
	h->rounds = p->rounds;
	for (uint32_t i = 0; i < p->count; i++) {
		h->runs = add_run(c, &p->runs[i], runs, h->runs);
		if (i < p->early)
			h->early = h->runs;
	}
	h->crc = working_set_crc(h);
	room = sizeof(*h) + h->runs * sizeof(*runs);
	fd = sys_openat(c->partial_fd, "working-set", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0) {
		if (sys_write(fd, h, room) != (long)room)	/* advisory: rather none */
			sys_unlinkat(c->partial_fd, "working-set", 0);
		sys_close(fd);
	}
	zone_unmap((uint64_t)h, sizeof(*h) + p->pages * sizeof(*runs));
}
