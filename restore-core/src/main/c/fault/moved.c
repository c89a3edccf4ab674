/* SPDX-License-Identifier: Apache-2.0
 * Pages that mremap(2) moved before they were loaded: their content goes along, and only we know it. The moving
 * thread runs on when its event is read, and may move, discard or touch them again before they are loaded; so each
 * is a note of where its content belongs now. All with the lock held.
 */
#include "fault/fault.h"

#define AT_A_TIME	32u

static struct moved_page *moved_at(uint64_t page)
{
	struct moved_pages *m = &engine->fault.moved;

	for (uint64_t i = m->count; i-- > 0;)	/* the last first: moved_serve() takes them so */
		if (m->entries[i].to == page)
			return &m->entries[i];
	return NULL;
}

static void forget(struct moved_page *entry)
{
	struct moved_pages *m = &engine->fault.moved;

	*entry = m->entries[--m->count];
	__atomic_fetch_sub(&engine->fault.missing, 1, __ATOMIC_RELEASE);
}

void moved_drop(uint64_t start, uint64_t end)
{
	struct moved_pages *m = &engine->fault.moved;

	for (uint64_t i = m->count; i-- > 0;) {
		if (m->entries[i].to < start || m->entries[i].to >= end)
			continue;
		forget(&m->entries[i]);
		engine->fault.pages_dropped++;
	}
}

void moved_note(uint64_t from, uint64_t to, uint64_t bytes)
{
	struct moved_pages *m = &engine->fault.moved;
	const struct image_view *v = &engine->parent.view;

	for (uint64_t i = 0; i < m->count; i++)
		if (m->entries[i].to >= from && m->entries[i].to < from + bytes)
			m->entries[i].to += to - from;
	for (uint64_t i = 0; i < v->extent_count; i++) {
		const struct image_extent *e = &v->extents[i];
		uint64_t end = min_u64(e->start + ((uint64_t)e->pages << THAW_PAGE_SHIFT), from + bytes);

		for (uint64_t at = max_u64(e->start, from); at < end; at += THAW_PAGE_SIZE) {
			uint64_t index = e->first_crc + ((at - e->start) >> THAW_PAGE_SHIFT);

			if (engine->parent.states[index] != PAGE_MISSING)
				continue;
			engine->parent.states[index] = PAGE_DROPPED;
			m->entries[m->count++] = (struct moved_page){ index, at + (to - from) };
		}
	}
}

int moved_load(struct service *s, uint64_t page)
{
	struct fault_state *f = &engine->fault;
	struct moved_page *entry = moved_at(page);
	enum read_result result;
	uint64_t index, copied;
	long error;

	if (!entry)
		return -ENOENT;
	index = entry->index;
	load_one(index, page, &s->load);
	lock_release(&f->lock);
	result = load_read(&s->load, s->buffer, s->patience);
	lock_take(&f->lock);
	if (result == READ_WOULD_WAIT)
		return disk_hand_over(page) ? -EINPROGRESS : -EAGAIN;
	entry = moved_at(page);
	if (!entry || entry->index != index)
		return -ESTALE;
	error = load_copy(page, s->buffer, 1, &copied);
	if (error == -EAGAIN)
		return -EAGAIN;
	if (error && error != -EEXIST && error != -ENOENT && error != -ESRCH)
		fatal(EXIT_RESTORE, "a moved page cannot be put in place (UFFDIO_COPY)", error, "");
	if (error)
		serve_wake(page);
	else
		f->pages_demand++;
	forget(entry);
	return 0;
}

void moved_serve(struct service *s)
{
	const struct moved_pages *m = &engine->fault.moved;

	for (uint32_t i = 0; i < AT_A_TIME && m->count; i++) {
		int error = moved_load(s, m->entries[m->count - 1].to);

		if (error == -EAGAIN || error == -EINPROGRESS)
			break;
	}
}

void moved_settle(void)
{
	struct fault_state *f = &engine->fault;

	while (f->moved.count) {
		lock_release(&f->lock);
		sys_sched_yield();
		lock_take(&f->lock);
	}
}
