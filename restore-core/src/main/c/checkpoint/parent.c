/* SPDX-License-Identifier: Apache-2.0
 * Whether the snapshot this process came from, or wrote last, can be the parent of the next.
 */
#include "checkpoint/checkpoint.h"
#include "image/crc.h"
#include "track/track.h"

static int open_in(int to_fd, uint32_t number, const char *file)
{
	char path[32];
	struct text t;

	text_open(&t, path, sizeof(path));
	text_padded(&t, number, 4);
	text_string(&t, file);
	return sys_openat(to_fd, path, O_RDONLY | O_CLOEXEC, 0);
}

/* The pages file of a snapshot in the folder is the one with this id: FULL_NO_REASON. */
static uint32_t check_source(int to_fd, uint32_t number, const uint8_t *id, uint64_t pages)
{
	struct pages_header h;
	struct stat st;
	long got;
	uint32_t crc;
	int fd = open_in(to_fd, number, "/pages");

	if (fd < 0)
		return FULL_PARENT_MISSING;
	got = sys_pread(fd, &h, sizeof(h), 0);
	sys_fstat(fd, &st);
	sys_close(fd);
	crc = h.crc;
	h.crc = 0;
	if (got != sizeof(h) || crc32c(0, &h, sizeof(h)) != crc || memcmp(h.id, id, THAW_ID_BYTES) != 0
	    || (uint64_t)st.st_size != (pages + 1) << THAW_PAGE_SHIFT)
		return FULL_PARENT_CHANGED;
	return FULL_NO_REASON;
}

static uint32_t check_meta(int to_fd, uint32_t number, const struct image_header *expected)
{
	struct image_header *h = (struct image_header *)zone_map(&engine->zone_next, sizeof(*h));
	uint32_t reason = FULL_PARENT_CHANGED;
	int fd;

	if ((long)h < 0)
		return FULL_PARENT_MISSING;
	fd = open_in(to_fd, number, "/meta");
	if (fd < 0)
		reason = FULL_PARENT_MISSING;
	else if (sys_pread(fd, h, sizeof(*h), 0) == sizeof(*h) && memcmp(h->id, expected->id, THAW_ID_BYTES) == 0
		 && h->meta_crc == expected->meta_crc)
		reason = FULL_NO_REASON;
	if (fd >= 0)
		sys_close(fd);
	zone_unmap((uint64_t)h, sizeof(*h));
	return reason;
}

uint32_t parent_check(const char *to)
{
	const struct parent *p = &engine->parent;
	uint32_t reason;
	int to_fd;

	if (p->lost)
		return FULL_AFTER_FAILURE;
	if (!p->meta)
		return FULL_FIRST;
	if (!p->valid)
		return FULL_NOT_TRACKED;
	if (p->view.source_count >= THAW_MAX_SOURCES / 2)
		return FULL_CHAIN_LONG;
	to_fd = sys_open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	reason = to_fd < 0 ? FULL_PARENT_MISSING : check_meta(to_fd, p->number, p->view.header);
	for (uint64_t i = 0; i < p->view.source_count && reason == FULL_NO_REASON; i++)
		reason = check_source(to_fd, i ? p->view.sources[i].number : p->number, p->view.sources[i].id,
				      p->view.sources[i].pages);
	if (to_fd >= 0)
		sys_close(to_fd);
	if (reason != FULL_NO_REASON && !string_equal(to, p->folder))
		return FULL_OTHER_FOLDER;
	return reason;
}

/* Both are in the order of addresses: *x is the first extent of `from` that ends behind the last one asked for. */
static void carry_extent(const struct parent *from, uint64_t *x, const struct image_extent *e, uint8_t *states)
{
	uint64_t at = e->start, end = e->start + ((uint64_t)e->pages << THAW_PAGE_SHIFT);

	memset(states, PAGE_LOADED, e->pages);
	while (at < end && *x < from->view.extent_count) {
		const struct image_extent *old = &from->view.extents[*x];
		uint64_t old_end = old->start + ((uint64_t)old->pages << THAW_PAGE_SHIFT);
		uint64_t start = max_u64(at, old->start), last = min_u64(end, old_end);

		if (start < last)
			memcpy(states + ((start - e->start) >> THAW_PAGE_SHIFT),
			       from->states + old->first_crc + ((start - old->start) >> THAW_PAGE_SHIFT),
			       (last - start) >> THAW_PAGE_SHIFT);
		if (old_end > end)
			break;
		at = max_u64(at, old_end);
		(*x)++;
	}
}

/* Referred pages keep their state; what was stored now is in memory. */
static void carry_states(const struct parent *from, struct parent *to)
{
	uint64_t x = 0;

	for (uint64_t i = 0; i < to->view.extent_count; i++) {
		const struct image_extent *e = &to->view.extents[i];
		uint8_t *states = to->states + e->first_crc;

		if (e->source == 0 || !from->meta)
			memset(states, PAGE_LOADED, e->pages);
		else
			carry_extent(from, &x, e, states);
	}
}

/* The fds of the parent's sources, in the order of the new table. */
static void carry_sources(const struct checkpoint *c, int *sources)
{
	int *old = (int *)c->staging;

	memcpy(old, sources, THAW_MAX_SOURCES * sizeof(int));
	for (uint32_t i = 0; i < THAW_MAX_SOURCES; i++)
		sources[i] = -1;
	for (uint32_t i = 0; i < THAW_MAX_SOURCES; i++) {
		if (old[i] < 0)
			continue;
		if (c->delta && c->source_map[i] != THAW_NONE)
			sources[c->source_map[i]] = old[i];
		else
			sys_close(old[i]);
	}
}

bool parent_adopt(struct checkpoint *c)
{
	struct parent *p = &engine->parent, *next = &c->next;
	long states, hashes;

	next->valid = true;
	next->generation = p->generation + 1;
	next->meta = (uint64_t)c->meta;
	next->meta_bytes = c->meta_capacity;
	if (view_open(&next->view, c->meta, c->meta_capacity) != VIEW_OK)
		return checkpoint_fail(c, STEP_TRACK, -EINVAL, 0, "metadata");
	states = zone_map(&engine->zone_next, next->view.crc_count + 1);
	if (states < 0)
		return checkpoint_fail(c, STEP_MEMORY, states, next->view.crc_count, "page states");
	next->states = (uint8_t *)states;
	hashes = zone_map(&engine->zone_next, (next->view.crc_count + 1) * sizeof(uint64_t));
	if (hashes < 0) {
		zone_unmap((uint64_t)states, next->view.crc_count + 1);
		return checkpoint_fail(c, STEP_MEMORY, hashes, next->view.crc_count, "page states");
	}
	next->hashes = (uint64_t *)hashes;
	carry_states(p, next);
	carry_sources(c, engine->fault.sources);
	if (p->meta) {
		zone_unmap(p->meta, p->meta_bytes);
		zone_unmap((uint64_t)p->states, p->view.crc_count + 1);
		zone_unmap((uint64_t)p->hashes, (p->view.crc_count + 1) * sizeof(uint64_t));
	}
	string_copy(next->folder, c->request.to, sizeof(next->folder));
	next->lost = true;			/* until the snapshot is published */
	*p = *next;
	c->meta = NULL;
	return track_arm(c);
}
