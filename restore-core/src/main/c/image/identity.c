/* SPDX-License-Identifier: Apache-2.0 */
#include "image/identity.h"

#include "image/crc.h"
#include "sys/memory.h"
#include "sys/syscall.h"

static int crc_range(int fd, uint64_t from, uint64_t to, uint32_t *crc)
{
	uint64_t buffer[96];		/* small: also called on a thread's own stack */

	while (from < to) {
		long got = sys_pread(fd, buffer, min_u64(sizeof(buffer), to - from), from);

		if (got <= 0)
			return got ? (int)got : -EIO;
		*crc = crc32c(*crc, buffer, (size_t)got);
		from += (uint64_t)got;
	}
	return 0;
}

int edge_crc(int fd, uint64_t size, uint32_t *ret)
{
	uint64_t head = min_u64(size, EDGE_BYTES), tail = size > 2 * EDGE_BYTES ? size - EDGE_BYTES : head;
	int error;

	*ret = 0;
	error = crc_range(fd, 0, head, ret);
	return error ? error : crc_range(fd, tail, size, ret);
}

static uint64_t slot_of(const struct stat *st, uint64_t probe)
{
	return (st->st_ino * 0x9e3779b97f4a7c15ull + st->st_dev + probe) % IDENTITY_SLOTS;
}

bool identity_find(const struct file_identity *table, const struct stat *st, uint32_t *ret_crc)
{
	for (uint64_t probe = 0; probe < 16; probe++) {
		const struct file_identity *f = &table[slot_of(st, probe)];

		if (f->used && f->dev == st->st_dev && f->ino == st->st_ino && f->size == (uint64_t)st->st_size
		    && f->mtime_s == st->st_mtim.tv_sec && f->mtime_ns == st->st_mtim.tv_nsec) {
			*ret_crc = f->crc;
			return true;
		}
	}
	return false;
}

void identity_store(struct file_identity *table, const struct stat *st, uint32_t crc)
{
	struct file_identity *f = NULL;

	for (uint64_t probe = 0; probe < 16; probe++) {
		f = &table[slot_of(st, probe)];
		if (!f->used || (f->dev == st->st_dev && f->ino == st->st_ino))
			break;
	}
	*f = (struct file_identity){ .dev = st->st_dev, .ino = st->st_ino, .size = (uint64_t)st->st_size,
				     .mtime_s = st->st_mtim.tv_sec, .mtime_ns = st->st_mtim.tv_nsec, .crc = crc,
				     .used = 1 };
}
