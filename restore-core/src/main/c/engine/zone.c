/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/zone.h"

#include "sys/memory.h"
#include "sys/syscall.h"

#define GUARD_BYTES	0x1000u
#define MAX_TRIES	100000

long zone_map(uint64_t *next, uint64_t bytes)
{
	uint64_t size = align_up(bytes, 0x1000);
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE;

	for (int tries = 0; tries < MAX_TRIES; tries++) {
		uint64_t at = *next;
		long got;

		if (at + size >= ZONE_END) {
			*next = ZONE_MEMORY;	/* round again: what was unmapped is free */
			continue;
		}
		got = sys_mmap(at, size, PROT_READ | PROT_WRITE, flags, -1, 0);
		*next += size + GUARD_BYTES;
		if (got == -EEXIST)
			continue;
		if (got > 0)
			sys_madvise(at, size, MADV_DONTDUMP);	/* page data has no place in a core file twice */
		return got;
	}
	return -ENOMEM;
}

void zone_unmap(uint64_t address, uint64_t bytes)
{
	sys_munmap(address, align_up(bytes, 0x1000));
}
