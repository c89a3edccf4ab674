/* SPDX-License-Identifier: Apache-2.0
 * Write protection, later, of what UFFDIO_MOVE has put in place writable: so that tracking costs nothing while the
 * application waits for its memory.
 *
 * What was written before the protection shows in the checksums, which are compared after it; what is written then is
 * the kernel's to note.
 */
#include "fault/fault.h"
#include "fault/protect.h"
#include "image/crc.h"
#include "track/track.h"

/* The next pages of one block that are to be protected. */
static bool next_untracked(uint64_t *cursor, struct protection *ret)
{
	const struct parent *p = &engine->parent;
	uint64_t first, start;

	while (*cursor < p->view.crc_count && p->states[*cursor] != PAGE_UNTRACKED)
		(*cursor)++;
	if (*cursor >= p->view.crc_count)
		return false;
	start = block_start(*cursor, &first);
	ret->address = start + ((*cursor - first) << THAW_PAGE_SHIFT);
	for (ret->pages = 0; *cursor < first + BLOCK_PAGES && p->states[*cursor] == PAGE_UNTRACKED; (*cursor)++) {
		p->states[*cursor] = PAGE_LOADED;
		ret->crcs[ret->pages++] = p->view.crcs[*cursor];
	}
	return true;
}

/* No protection where that cannot be found out: it counts as written. Not by plain loads: it may be unmapped meanwhile. */
static void compare(const struct protection *p, uint32_t first, uint32_t count, uint8_t *buffer)
{
	uint64_t at = p->address + ((uint64_t)first << THAW_PAGE_SHIFT);
	struct iovec local = { buffer, (uint64_t)count << THAW_PAGE_SHIFT }, remote = { (void *)at, local.iov_len };
	long got = sys_process_vm_readv((int)sys_getpid(), &local, 1, &remote, 1);

	for (uint32_t i = 0; i < count; i++) {
		uint64_t offset = (uint64_t)i << THAW_PAGE_SHIFT;

		if (got < (long)(offset + THAW_PAGE_SIZE) || crc32c_page(buffer + offset) != p->crcs[first + i])
			uffd_unprotect(engine->fault.uffd, at + offset, at + offset + THAW_PAGE_SIZE);
	}
}

void protect_untracked(struct protection *p, uint8_t *buffer)
{
	struct fault_state *f = &engine->fault;
	uint64_t cursor = 0, generation;

	lock_take(&f->lock);
	generation = engine->parent.generation;
	while (engine->parent.generation == generation && next_untracked(&cursor, p)) {
		int error = uffd_protect(f->uffd, p->address, p->address + ((uint64_t)p->pages << THAW_PAGE_SHIFT));

		lock_release(&f->lock);
		for (uint32_t i = 0; !error && i < p->pages; i += AHEAD_WINDOW_PAGES)
			compare(p, i, (uint32_t)min_u64(AHEAD_WINDOW_PAGES, p->pages - i), buffer);
		lock_take(&f->lock);
		/* Only now: a checkpoint waits for it. */
		__atomic_fetch_sub(&f->blocks.untracked, p->pages, __ATOMIC_RELEASE);
	}
	lock_release(&f->lock);
}

void protect_all(void)
{
	struct timespec look_again = { .tv_nsec = 1000000 };
	struct blocks *b = &engine->fault.blocks;

	if (!engine->restored)
		return;
	__atomic_store_n(&b->protect_now, 1, __ATOMIC_RELEASE);
	while (__atomic_load_n(&b->untracked, __ATOMIC_ACQUIRE)) {
		sys_futex(&b->protect_now, FUTEX_WAKE | FUTEX_PRIVATE, 1, NULL);
		sys_nanosleep(&look_again);
	}
}
