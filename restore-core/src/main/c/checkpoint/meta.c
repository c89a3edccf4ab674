/* SPDX-License-Identifier: Apache-2.0
 * The tables into the metadata file: docs/image-format.md.
 */
#include "checkpoint/checkpoint.h"
#include "image/crc.h"

static uint64_t total_bytes(const struct checkpoint *c)
{
	uint64_t bytes = sizeof(struct image_header);

	for (int i = 0; i < SECTION_COUNT; i++)
		bytes = align_up(bytes, 8) + c->builder.tables[i].count * c->builder.tables[i].entry_bytes;
	return bytes;
}

static bool write_all(int fd, const uint8_t *from, uint64_t bytes, long *ret_error)
{
	while (bytes) {
		long put = sys_write(fd, from, bytes);

		if (put <= 0) {
			*ret_error = put ? put : -EIO;
			return false;
		}
		from += put;
		bytes -= (uint64_t)put;
	}
	return true;
}

static void fill_header(struct checkpoint *c, uint64_t bytes)
{
	struct image_header *h = &c->header;
	struct image_source *own = BUILDER_AT(&c->builder, SECTION_SOURCES, struct image_source, 0);
	uint64_t at = sizeof(*h);

	h->magic = THAW_META_MAGIC;
	h->version = THAW_FORMAT_VERSION;
	h->header_bytes = sizeof(*h);
	h->meta_bytes = bytes;
	h->meta_crc = 0;
	h->own_pages = c->writer.next_page - 1;
	h->pages_bytes = c->writer.next_page << THAW_PAGE_SHIFT;
	own->pages = h->own_pages;
	for (int i = 0; i < SECTION_COUNT; i++) {
		const struct table *t = &c->builder.tables[i];

		at = align_up(at, 8);
		h->sections[i] = (struct image_span){ at, t->count };
		at += t->count * t->entry_bytes;
	}
}

bool meta_write(struct checkpoint *c)
{
	uint64_t bytes = total_bytes(c);
	long meta = zone_map(&engine->zone_next, bytes), error = 0;
	struct image_header *h;

	if (meta < 0)
		return checkpoint_fail(c, STEP_MEMORY, meta, bytes, "metadata");
	c->meta = (uint8_t *)meta;
	c->meta_capacity = bytes;
	fill_header(c, bytes);
	memcpy(c->meta, &c->header, sizeof(c->header));
	for (int i = 0; i < SECTION_COUNT; i++) {
		const struct table *t = &c->builder.tables[i];

		memcpy(c->meta + c->header.sections[i].offset, t->base, t->count * t->entry_bytes);
	}
	h = (struct image_header *)c->meta;
	h->meta_crc = c->header.meta_crc = crc32c(0, c->meta, bytes);
	if (!write_all(c->meta_fd, c->meta, bytes, &error))
		return checkpoint_fail(c, STEP_WRITE, error, 0, c->result.path);
	c->result.snapshot_bytes = c->header.pages_bytes + bytes;
	return true;
}
