/* SPDX-License-Identifier: Apache-2.0
 * By what a file is known again: size, modification time, and the CRC of its edges where the time differs
 * (a container image keeps seconds only). The head of an ELF file holds its build-id, the tail of a jar the
 * CRC of every entry.
 */
#ifndef THAW_IMAGE_IDENTITY_H
#define THAW_IMAGE_IDENTITY_H

#include <stdbool.h>

#include "image/format.h"
#include "sys/abi.h"

#define EDGE_BYTES	(64u << 10)

/* CRC32C over the first and the last 64 KiB, over all of a shorter file; 0 or -errno. */
int edge_crc(int fd, uint64_t size, uint32_t *ret);

/* What was computed once is kept for the next checkpoint. */
struct file_identity {
	uint64_t dev, ino, size;
	int64_t mtime_s;
	int64_t mtime_ns;
	uint32_t crc;
	uint32_t used;
};
#define IDENTITY_SLOTS	4096u

bool identity_find(const struct file_identity *table, const struct stat *st, uint32_t *ret_crc);
void identity_store(struct file_identity *table, const struct stat *st, uint32_t crc);

#endif
