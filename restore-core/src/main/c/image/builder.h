/* SPDX-License-Identifier: Apache-2.0
 * The sections of a snapshot while they are collected. Runs while every other thread is parked: tables are
 * mapped before, with a fixed capacity each; one that is full sets `overflow` and the checkpoint fails.
 */
#ifndef THAW_IMAGE_BUILDER_H
#define THAW_IMAGE_BUILDER_H

#include <stdbool.h>
#include <stdint.h>

#include "image/format.h"
#include "image/identity.h"
#include "sys/abi.h"
#include "thaw.h"

struct table {
	uint8_t *base;
	uint64_t count, capacity;
	uint32_t entry_bytes;
};

struct builder {
	struct table tables[SECTION_COUNT];
	bool overflow;
	struct thaw_result *result;	/* refusals go here */
	const char *attach_prefix;	/* "/tmp/.java_pid<pid>": sockets of the attach protocol */
	int reply_fd;			/* jcmd's connection, or -1 */
	/* Descriptors of the engine itself, never part of a snapshot; -1 ends it. */
	const int *engine_fds;
	struct file_identity *identities;	/* IDENTITY_SLOTS of them, kept between checkpoints */
	const struct thaw_decision *decisions;
	uint64_t decision_count;
	const struct thaw_watch_path *watch_paths;
	uint64_t watch_path_count;
	struct thaw_refusal *spare;	/* where refusals go that the result has no room for */
};

/* Maps the tables, each with room for as many entries as the process can need; 0 or -errno. */
int builder_open(struct builder *b, uint64_t *zone_next, uint64_t pages, uint64_t mappings);
void builder_close(struct builder *b);

/* A zeroed new entry, or NULL (then overflow is set). */
void *builder_add(struct builder *b, enum image_section section);
/* Appends copies of entries; false: there is no room (then overflow is set). */
bool builder_add_all(struct builder *b, enum image_section section, const void *from, uint64_t count);
/* Appends bytes to STRINGS and returns the offset; the empty string is 0. */
uint32_t builder_string(struct builder *b, const char *s);
/* Appends to BLOBS; the offset, or ~0 when full. */
uint64_t builder_blob(struct builder *b, const void *bytes, uint64_t count);
/* The FILES entry for an open file whose path is known to be that of the open file; THAW_NONE when it cannot be read. */
uint32_t builder_file(struct builder *b, int fd, const char *path, const struct stat *st);
/* The next refusal to fill in (a scratch one when the result's table is full); counts it. */
struct thaw_refusal *builder_refuse(struct builder *b, enum thaw_refusal_reason reason, int fd, const char *name);

#define BUILDER_COUNT(b, section, type)	((b)->tables[section].count)
#define BUILDER_AT(b, section, type, i)	(&((type *)(b)->tables[section].base)[i])

#endif
