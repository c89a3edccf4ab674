/* SPDX-License-Identifier: Apache-2.0
 * Fresh huge pages, to be filled and moved away.
 *
 * mm/huge_memory.c: where a page table is, only small pages come in; UFFDIO_MOVE of a huge page leaves none behind. One that
 * came with small pages goes when the memory is mapped anew. Not for each block: mmap(2) takes mmap_lock for writing, so it waits
 * until the other loader has cleared its page, and faults of the process wait behind it.
 */
#include "fault/fault.h"
#include "fault/inject.h"

#define STAGING_BYTES	(STAGING_BLOCKS * BLOCK_BYTES)

void staging_make(struct engine_thread *t)
{
	struct iovec local = { &t->tid, sizeof(t->tid) }, remote = local;
	struct staging *s;
	long memory;

	/* What has been moved in can only be protected when it can be compared: a seccomp filter may forbid that. */
	if (sys_process_vm_readv((int)sys_getpid(), &local, 1, &remote, 1) <= 0)
		return;
	s = (struct staging *)zone_map(&engine->zone_next, sizeof(*s));
	memory = zone_map(&engine->zone_next, STAGING_BYTES + BLOCK_BYTES);
	if ((long)s < 0 || memory < 0)
		return;
	s->memory = (uint8_t *)align_up((uint64_t)memory, BLOCK_BYTES);
	s->used = STAGING_BLOCKS;
	t->staging = s;
}

static bool map_anew(struct staging *s)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED;
	uint64_t start = (uint64_t)s->memory;

	if (sys_mmap(start, STAGING_BYTES, PROT_READ | PROT_WRITE, flags, -1, 0) < 0)
		return false;
	sys_madvise(start, STAGING_BYTES, MADV_HUGEPAGE);	/* first: else it would become one mapping with what is around it */
	sys_madvise(start, STAGING_BYTES, MADV_DONTDUMP);
	s->used = 0;
	return true;
}

uint8_t *staging_next(struct staging *s)
{
	uint8_t *block;

	if (inject(INJECT_ENOMEM) || (s->used == STAGING_BLOCKS && !map_anew(s)))
		return NULL;
	block = s->memory + s->used++ * BLOCK_BYTES;
	if (sys_madvise((uint64_t)block, BLOCK_BYTES, MADV_POPULATE_WRITE) == 0)
		return block;
	staging_empty(block);
	return NULL;
}

void staging_empty(uint8_t *block)
{
	sys_madvise((uint64_t)block, BLOCK_BYTES, MADV_DONTNEED);
}
