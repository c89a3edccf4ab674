/* SPDX-License-Identifier: Apache-2.0
 * Write protection, later, of what UFFDIO_MOVE has put in place writable: so that tracking costs nothing while the
 * application waits for its memory.
 *
 * What was written before the protection shows in the pages' sums, which are compared after it; what is written then is
 * the kernel's to note. Two sums, as a page that was written and has the checksum of the image would be lost: CRC32C, and
 * one that is not linear.
 */
#include "fault/fault.h"
#include "fault/inject.h"
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
	ret->index = *cursor;
	ret->address = start + ((*cursor - first) << THAW_PAGE_SHIFT);
	for (ret->pages = 0; *cursor < first + BLOCK_PAGES && p->states[*cursor] == PAGE_UNTRACKED; (*cursor)++) {
		ret->crcs[ret->pages] = p->view.crcs[*cursor];
		ret->hashes[ret->pages++] = p->hashes[*cursor];
	}
	return true;
}

/* EAGAIN: an event is to be read first, and no lock is held here. */
static void give_up_protection(uint64_t start, uint64_t end)
{
	int error;

	while ((error = inject(INJECT_EAGAIN) ? -EAGAIN : uffd_unprotect(engine->fault.uffd, start, end)) == -EAGAIN)
		sys_sched_yield();
	if (error && error != -ENOENT && error != -ESRCH)	/* those: it is unmapped */
		engine->parent.valid = false;			/* the next checkpoint is full */
}

/* No protection where that cannot be found out: it counts as written. Not by plain loads: it may be unmapped meanwhile. */
static void compare(const struct protection *p, uint32_t first, uint32_t count, uint8_t *buffer)
{
	uint64_t at = p->address + ((uint64_t)first << THAW_PAGE_SHIFT);
	struct iovec local = { buffer, (uint64_t)count << THAW_PAGE_SHIFT }, remote = { (void *)at, local.iov_len };
	long got = sys_process_vm_readv((int)sys_getpid(), &local, 1, &remote, 1);

	for (uint32_t i = 0; i < count; i++) {
		uint64_t offset = (uint64_t)i << THAW_PAGE_SHIFT;

		if (got < (long)(offset + THAW_PAGE_SIZE) || crc32c_page(buffer + offset) != p->crcs[first + i]
		    || page_hash(buffer + offset) != p->hashes[first + i])
			give_up_protection(at + offset, at + offset + THAW_PAGE_SIZE);
	}
}

void protect_untracked(struct protection *p, uint8_t *buffer)
{
	struct fault_state *f = &engine->fault;
	uint64_t cursor = 0, generation;

	lock_take(&f->lock);
	generation = engine->parent.generation;
	while (engine->parent.generation == generation && next_untracked(&cursor, p)) {
		uint64_t end = p->address + ((uint64_t)p->pages << THAW_PAGE_SHIFT);
		int error = inject(INJECT_EAGAIN) ? -EAGAIN : uffd_protect(f->uffd, p->address, end);

		if (error == -EAGAIN) {
			let_server_run();
			cursor = p->index;
			continue;
		}
		memset(engine->parent.states + p->index, PAGE_LOADED, p->pages);
		lock_release(&f->lock);
		/* After an error, too: a part may be protected. */
		for (uint32_t i = 0; i < p->pages; i += AHEAD_WINDOW_PAGES)
			compare(p, i, (uint32_t)min_u64(AHEAD_WINDOW_PAGES, p->pages - i), buffer);
		lock_take(&f->lock);
		/* Only now: a checkpoint waits for it. */
		__atomic_fetch_sub(&f->blocks.untracked, p->pages, __ATOMIC_RELEASE);
	}
	lock_release(&f->lock);
}

static void ask_loader(void)
{
	struct fault_state *f = &engine->fault;

	__atomic_store_n(&f->blocks.protect_now, 1, __ATOMIC_RELEASE);
	sys_futex(&f->blocks.protect_now, FUTEX_WAKE | FUTEX_PRIVATE, 1, NULL);
	sys_futex(&f->load_all, FUTEX_WAKE | FUTEX_PRIVATE, 1, NULL);
}

void protect_all(void)
{
	struct timespec look_again = { .tv_nsec = 1000000 };

	if (!engine->restored)
		return;
	do {
		ask_loader();
		if (!__atomic_load_n(&engine->fault.blocks.untracked, __ATOMIC_ACQUIRE))
			break;
		sys_nanosleep(&look_again);
	} while (true);
}

void protect_settle(void)
{
	struct fault_state *f = &engine->fault;

	while (f->blocks.untracked || f->blocks.moving) {
		ask_loader();
		let_server_run();
	}
}
