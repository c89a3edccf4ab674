/* SPDX-License-Identifier: Apache-2.0 */
#include "image/builder.h"

#include "engine/zone.h"
#include "sys/memory.h"
#include "sys/syscall.h"

#define MAX_DESCRIPTORS	65536u
#define STRING_BYTES	(16u << 20)
#define BLOB_BYTES	(64u << 20)

static const uint32_t ENTRY_BYTES[SECTION_COUNT] = {
	[SECTION_SOURCES] = sizeof(struct image_source),
	[SECTION_REGIONS] = sizeof(struct image_region),
	[SECTION_EXTENTS] = sizeof(struct image_extent),
	[SECTION_CRCS] = sizeof(uint32_t),
	[SECTION_THREADS] = sizeof(struct image_thread),
	[SECTION_FILES] = sizeof(struct image_file),
	[SECTION_DESCRIPTORS] = sizeof(struct image_descriptor),
	[SECTION_WATCHES] = sizeof(struct image_watch),
	[SECTION_SIGNALS] = sizeof(struct image_sigaction),
	[SECTION_STRINGS] = 1,
	[SECTION_BLOBS] = 1,
};

static uint64_t capacity_of(enum image_section section, uint64_t pages, uint64_t mappings)
{
	switch (section) {
	case SECTION_SOURCES:
		return THAW_MAX_SOURCES;
	case SECTION_REGIONS:
	case SECTION_FILES:
		return mappings * 2 + MAX_DESCRIPTORS;
	case SECTION_EXTENTS:
	case SECTION_CRCS:
		return pages;
	case SECTION_STRINGS:
		return STRING_BYTES;
	case SECTION_BLOBS:
		return BLOB_BYTES;
	default:
		return MAX_DESCRIPTORS;
	}
}

int builder_open(struct builder *b, uint64_t *zone_next, uint64_t pages, uint64_t mappings)
{
	for (int i = 0; i < SECTION_COUNT; i++) {
		struct table *t = &b->tables[i];
		long base;

		t->entry_bytes = ENTRY_BYTES[i];
		t->capacity = capacity_of((enum image_section)i, pages, mappings);
		base = zone_map(zone_next, t->capacity * t->entry_bytes);
		if (base < 0)
			return (int)base;
		t->base = (uint8_t *)base;
	}
	b->tables[SECTION_STRINGS].count = 1;	/* offset 0: the empty string */
	return 0;
}

void builder_close(struct builder *b)
{
	for (int i = 0; i < SECTION_COUNT; i++) {
		struct table *t = &b->tables[i];

		if (t->base)
			zone_unmap((uint64_t)t->base, t->capacity * t->entry_bytes);
		t->base = NULL;
	}
}

void *builder_add(struct builder *b, enum image_section section)
{
	struct table *t = &b->tables[section];

	if (t->count >= t->capacity) {
		b->overflow = true;
		return NULL;
	}
	return t->base + t->entry_bytes * t->count++;
}

static uint64_t append_bytes(struct builder *b, struct table *t, const void *bytes, uint64_t count)
{
	uint64_t at = t->count;

	if (count > t->capacity - t->count) {
		b->overflow = true;
		return ~0ull;
	}
	memcpy(t->base + at, bytes, count);
	t->count += count;
	return at;
}

bool builder_add_all(struct builder *b, enum image_section section, const void *from, uint64_t count)
{
	struct table *t = &b->tables[section];

	if (count > t->capacity - t->count) {
		b->overflow = true;
		return false;
	}
	memcpy(t->base + t->entry_bytes * t->count, from, t->entry_bytes * count);
	t->count += count;
	return true;
}

uint32_t builder_string(struct builder *b, const char *s)
{
	uint64_t at;

	if (!*s)
		return 0;
	at = append_bytes(b, &b->tables[SECTION_STRINGS], s, string_length(s) + 1);
	return at == ~0ull ? 0 : (uint32_t)at;
}

uint64_t builder_blob(struct builder *b, const void *bytes, uint64_t count)
{
	return append_bytes(b, &b->tables[SECTION_BLOBS], bytes, count);
}

static uint32_t find_file(const struct builder *b, const char *path)
{
	const struct image_file *files = (const struct image_file *)b->tables[SECTION_FILES].base;
	const char *strings = (const char *)b->tables[SECTION_STRINGS].base;

	for (uint64_t i = 0; i < b->tables[SECTION_FILES].count; i++)
		if (string_equal(strings + files[i].path, path))
			return (uint32_t)i;
	return THAW_NONE;
}

uint32_t builder_file(struct builder *b, int fd, const char *path, const struct stat *st)
{
	uint32_t index = find_file(b, path), crc = 0;
	struct image_file *f;

	if (index != THAW_NONE)
		return index;
	if ((st->st_mode & S_IFMT) == S_IFREG && !identity_find(b->identities, st, &crc)) {
		if (edge_crc(fd, (uint64_t)st->st_size, &crc) != 0)
			return THAW_NONE;
		identity_store(b->identities, st, crc);
	}
	index = (uint32_t)b->tables[SECTION_FILES].count;
	f = builder_add(b, SECTION_FILES);
	if (!f)
		return THAW_NONE;
	*f = (struct image_file){ .size = (uint64_t)st->st_size, .mtime_s = st->st_mtim.tv_sec,
				  .mtime_ns = (uint32_t)st->st_mtim.tv_nsec, .edge_crc = crc,
				  .path = builder_string(b, path), .mode = st->st_mode };
	return index;
}

struct thaw_refusal *builder_refuse(struct builder *b, enum thaw_refusal_reason reason, int fd, const char *name)
{
	uint32_t index = b->result->refusal_count++;
	struct thaw_refusal *r = index < THAW_MAX_REFUSALS ? &b->result->refusals[index] : b->spare;

	memset(r, 0, sizeof(*r));
	r->reason = reason;
	r->fd = fd;
	string_copy(r->name, name, sizeof(r->name));
	return r;
}
