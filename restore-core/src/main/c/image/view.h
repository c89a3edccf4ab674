/* SPDX-License-Identifier: Apache-2.0
 * A snapshot's metadata in memory, verified: offsets and counts of every section lie inside it.
 */
#ifndef THAW_IMAGE_VIEW_H
#define THAW_IMAGE_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "image/format.h"

struct image_view {
	const struct image_header *header;
	const struct image_source *sources;
	const struct image_region *regions;
	const struct image_extent *extents;
	const uint32_t *crcs;
	const struct image_thread *threads;
	const struct image_file *files;
	const struct image_descriptor *descriptors;
	const struct image_watch *watches;
	const struct image_sigaction *signals;
	const char *strings;
	const uint8_t *blobs;
	uint64_t source_count, region_count, extent_count, crc_count, thread_count, file_count;
	uint64_t descriptor_count, watch_count, string_bytes, blob_bytes;
};

enum view_result {
	VIEW_OK,
	VIEW_SHORT,		/* the file is shorter or longer than it says: truncated */
	VIEW_MAGIC,		/* not a snapshot */
	VIEW_VERSION,		/* written by another format version */
	VIEW_CRC,		/* a byte has changed */
	VIEW_INCONSISTENT,	/* checksum right, but an offset, index or order is not: a bug or forgery */
};

/* meta is the whole file in memory, 8-aligned. Its meta_crc field is set to 0 while it is checked. */
enum view_result view_open(struct image_view *ret, uint8_t *meta, uint64_t bytes);

/* The region that holds this address, or NULL. */
const struct image_region *view_region_at(const struct image_view *v, uint64_t address);

static inline const char *view_string(const struct image_view *v, uint32_t offset)
{
	return v->strings + offset;
}

#endif
