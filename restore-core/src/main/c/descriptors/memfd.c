/* SPDX-License-Identifier: Apache-2.0
 * ZGC's heap: a memfd whose offsets HotSpot maps where it needs them, and which it keeps open
 * (zPhysicalMemoryBacking_linux.cpp). Its content is stored by its views: what none shows is free memory, which ZGC
 * writes before it reads it.
 */
#include "descriptors/capture.h"
#include "descriptors/descriptors.h"
#include "descriptors/reopen.h"
#include "sys/syscall.h"

/* Opened twice it would come back as two. */
static bool is_captured(const struct subject *s)
{
	const struct image_descriptor *other;
	uint64_t at = 0;

	while ((other = capture_next_of_inode(s, &at)))
		if (other->kind == DESCRIPTOR_MEMFD)
			return true;
	return false;
}

/* The views become this descriptor's; how many there are. */
static uint64_t claim_views(struct subject *s)
{
	struct builder *b = s->c->b;
	uint64_t ret = 0;

	for (uint64_t i = 0; i < b->tables[SECTION_REGIONS].count; i++) {
		struct image_region *r = BUILDER_AT(b, SECTION_REGIONS, struct image_region, i);

		if (r->kind != REGION_MEMFD || r->first_extent != s->st.st_ino)
			continue;
		r->file = (uint32_t)s->d->fd;
		ret++;
	}
	return ret;
}

/* False: it is not ZGC's heap, or not one that can be made again. */
bool capture_memfd(struct subject *s)
{
	struct image_descriptor *d = s->d;
	uint64_t size = (uint64_t)s->st.st_size;
	struct statfs fs;

	if (!string_equal(capture_path(s), HEAP_MEMFD) || access_mode(d) != O_RDWR || is_captured(s)
	    || sys_fstatfs(d->fd, &fs) < 0 || fs.f_type == HUGETLBFS_MAGIC || !claim_views(s))
		return false;
	d->kind = DESCRIPTOR_MEMFD;
	d->path = builder_string(s->c->b, HEAP_MEMFD_NAME);
	d->address_bytes = sizeof(size);
	memset(d->address, 0, sizeof(d->address));
	memcpy(d->address, &size, sizeof(size));
	return true;
}

/* Views whose descriptor is closed, or was refused. */
void capture_views(struct capture *c)
{
	for (uint64_t i = 0; i < c->b->tables[SECTION_REGIONS].count; i++) {
		const struct image_region *r = BUILDER_AT(c->b, SECTION_REGIONS, struct image_region, i);

		if (r->kind == REGION_MEMFD && r->file == THAW_NONE)
			builder_refuse(c->b, REFUSE_SHARED_MAPPING, -1, HEAP_MEMFD)->mapping = r->start;
	}
}

/* Empty; its regions' pages fill it. */
int reopen_memfd(const struct reopening *r, const struct image_descriptor *d)
{
	const char *name = view_string(r->view, d->path);
	int fd = sys_memfd_create(name, MFD_CLOEXEC);
	uint64_t size;
	int error;

	if (fd < 0)
		return reopen_failed(r, "make the memory file", name, fd);
	memcpy(&size, d->address, sizeof(size));
	error = sys_ftruncate(fd, size);
	if (error < 0) {
		sys_close(fd);
		return reopen_failed(r, "make the memory file", name, error);
	}
	return fd;
}
