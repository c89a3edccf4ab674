/* SPDX-License-Identifier: Apache-2.0
 * Files that the process writes through shared mappings. What it writes is the file's at once: nothing of it is stored,
 * and a restore maps the file again.
 */
#include "checkpoint/checkpoint.h"
#include "descriptors/descriptors.h"

static enum thaw_action decided(const struct builder *b, const struct stat *st)
{
	for (uint64_t i = 0; i < b->decision_count; i++) {
		const struct thaw_decision *d = &b->decisions[i];

		if (d->fd == THAW_MAPPING && d->device == st->st_dev && d->inode == st->st_ino)
			return (enum thaw_action)d->action;
	}
	return ACTION_COUNT;
}

uint32_t shared_file(struct checkpoint *c, int fd, const char *path, const struct stat *st,
		     enum thaw_refusal_reason *ret_reason)
{
	enum thaw_action action = decided(&c->builder, st);
	struct image_file *f;
	uint32_t index, crc;

	if (action == ACTION_ERROR)
		*ret_reason = REFUSE_FILE_POLICY;
	if (action == ACTION_ERROR || descriptor_is_kernel_file(fd))
		return THAW_NONE;
	index = builder_file(&c->builder, fd, path, st);
	/* Not one that was computed before: tmpfs has the same time after a write by a mapping. */
	if (index == THAW_NONE || edge_crc(fd, (uint64_t)st->st_size, &crc) != 0)
		return THAW_NONE;
	f = BUILDER_AT(&c->builder, SECTION_FILES, struct image_file, index);
	f->edge_crc = crc;
	f->mode |= FILE_WRITTEN | (action == ACTION_CARRY ? FILE_ANY_CONTENT : 0);
	return index;
}

static const struct image_region *next_written(const struct checkpoint *c, uint64_t *at)
{
	while (*at < c->builder.tables[SECTION_REGIONS].count) {
		const struct image_region *r = BUILDER_AT(&c->builder, SECTION_REGIONS, struct image_region, (*at)++);

		if (r->kind == REGION_FILE_SHARED && r->prot & PROT_WRITE)
			return r;
	}
	return NULL;
}

/* The file's time changes with the fault of a write: a page that is written already must fault once more. */
void shared_files_let_go(const struct checkpoint *c)
{
	const struct image_region *r;

	for (uint64_t at = 0; (r = next_written(c, &at));)
		sys_madvise(r->start, r->end - r->start, MADV_DONTNEED);
}

int shared_files_sync(const struct checkpoint *c)
{
	const struct image_region *r;

	for (uint64_t at = 0; (r = next_written(c, &at));)
		if (sys_msync(r->start, r->end - r->start, MS_SYNC) == -EIO)	/* -ENOMEM: unmapped meanwhile */
			return -EIO;
	return 0;
}
