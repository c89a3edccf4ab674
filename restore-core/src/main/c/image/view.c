/* SPDX-License-Identifier: Apache-2.0 */
#include "image/view.h"

#include "image/crc.h"
#include "sys/abi.h"
#include "sys/memory.h"

static const uint32_t ENTRY_BYTES[SECTION_COUNT] = {
	sizeof(struct image_source), sizeof(struct image_region), sizeof(struct image_extent), sizeof(uint32_t),
	sizeof(struct image_thread), sizeof(struct image_file), sizeof(struct image_descriptor),
	sizeof(struct image_watch), sizeof(struct image_sigaction), 1, 1,
};

static bool sections_fit(const struct image_header *h)
{
	for (int i = 0; i < SECTION_COUNT; i++) {
		const struct image_span *s = &h->sections[i];

		if (s->offset % 8 || s->offset < sizeof(*h) || s->offset > h->meta_bytes
		    || s->count > (h->meta_bytes - s->offset) / ENTRY_BYTES[i])
			return false;
	}
	return true;
}

static void set_pointers(struct image_view *v, const uint8_t *meta)
{
	const struct image_span *s = v->header->sections;

#define SECTION(id) ((const void *)(meta + s[id].offset))
	v->sources = SECTION(SECTION_SOURCES), v->source_count = s[SECTION_SOURCES].count;
	v->regions = SECTION(SECTION_REGIONS), v->region_count = s[SECTION_REGIONS].count;
	v->extents = SECTION(SECTION_EXTENTS), v->extent_count = s[SECTION_EXTENTS].count;
	v->crcs = SECTION(SECTION_CRCS), v->crc_count = s[SECTION_CRCS].count;
	v->threads = SECTION(SECTION_THREADS), v->thread_count = s[SECTION_THREADS].count;
	v->files = SECTION(SECTION_FILES), v->file_count = s[SECTION_FILES].count;
	v->descriptors = SECTION(SECTION_DESCRIPTORS), v->descriptor_count = s[SECTION_DESCRIPTORS].count;
	v->watches = SECTION(SECTION_WATCHES), v->watch_count = s[SECTION_WATCHES].count;
	v->signals = SECTION(SECTION_SIGNALS);
	v->strings = SECTION(SECTION_STRINGS), v->string_bytes = s[SECTION_STRINGS].count;
	v->blobs = SECTION(SECTION_BLOBS), v->blob_bytes = s[SECTION_BLOBS].count;
#undef SECTION
}

/* Extents lie in their region, ascend, and their pages' checksums and sources exist. */
static bool extents_fit(const struct image_view *v, const struct image_region *r)
{
	uint64_t at = r->start;

	if (r->first_extent > v->extent_count || r->extents > v->extent_count - r->first_extent)
		return false;
	for (uint64_t i = r->first_extent; i < r->first_extent + r->extents; i++) {
		const struct image_extent *e = &v->extents[i];
		uint64_t bytes = (uint64_t)e->pages << THAW_PAGE_SHIFT;

		if (e->start % THAW_PAGE_SIZE || e->start < at || !e->pages || bytes > r->end - e->start
		    || e->start > r->end || e->source >= v->source_count || e->source_page == 0
		    || e->source_page + e->pages - 1 > v->sources[e->source].pages
		    || e->first_crc > v->crc_count || e->pages > v->crc_count - e->first_crc)
			return false;
		at = e->start + bytes;
	}
	return true;
}

static bool contents_fit(const struct image_view *v)
{
	uint64_t at = 0;

	if (v->source_count == 0 || v->source_count > THAW_MAX_SOURCES || v->thread_count == 0
	    || v->header->sections[SECTION_SIGNALS].count != SIGNAL_COUNT
	    || v->string_bytes == 0 || v->strings[v->string_bytes - 1] != 0)
		return false;
	for (uint64_t i = 0; i < v->region_count; i++) {
		const struct image_region *r = &v->regions[i];

		if (r->start < at || r->end <= r->start || (r->start | r->end) % THAW_PAGE_SIZE
		    || (r->kind == REGION_FILE && r->file >= v->file_count) || !extents_fit(v, r))
			return false;
		at = r->end;
	}
	for (uint64_t i = 0; i < v->file_count; i++)
		if (v->files[i].path >= v->string_bytes)
			return false;
	for (uint64_t i = 0; i < v->descriptor_count; i++)
		if (v->descriptors[i].path >= v->string_bytes || v->descriptors[i].blob_bytes > v->blob_bytes)
			return false;
	return true;
}

enum view_result view_open(struct image_view *ret, uint8_t *meta, uint64_t bytes)
{
	struct image_header *h = (struct image_header *)meta;
	uint32_t expected;

	ret->header = h;
	if (bytes < 16)
		return VIEW_SHORT;
	if (h->magic != THAW_META_MAGIC)
		return VIEW_MAGIC;
	if (h->version != THAW_FORMAT_VERSION)
		return VIEW_VERSION;
	if (bytes < sizeof(*h) || h->meta_bytes != bytes)
		return VIEW_SHORT;
	expected = h->meta_crc;
	h->meta_crc = 0;
	if (crc32c(0, meta, bytes) != expected)
		return VIEW_CRC;
	h->meta_crc = expected;
	if (h->header_bytes != sizeof(*h) || !sections_fit(h))
		return VIEW_INCONSISTENT;
	set_pointers(ret, meta);
	return contents_fit(ret) ? VIEW_OK : VIEW_INCONSISTENT;
}
