/* SPDX-License-Identifier: Apache-2.0 */
#include "descriptors/capture.h"
#include "sys/syscall.h"

/* Indexes of the entries: by inode, then by open file as the kernel orders them, then by number. */
struct order {
	struct capture *c;
	struct image_descriptor *all;
	uint32_t *index;
	uint64_t count;
};

/* Flags belong to the open file: one that changes through `a` changes for its duplicates at once. */
static bool shares_flags(int a, int b)
{
	int flags_a = sys_fcntl(a, F_GETFL, 0), flags_b = sys_fcntl(b, F_GETFL, 0), seen;

	if (flags_a < 0 || flags_a != flags_b || sys_fcntl(a, F_SETFL, flags_a ^ O_APPEND) < 0)
		return false;
	seen = sys_fcntl(b, F_GETFL, 0);
	sys_fcntl(a, F_SETFL, flags_a);
	return seen != flags_b;
}

static bool is_before(const struct order *o, uint32_t a, uint32_t b)
{
	const struct image_descriptor *x = &o->all[a], *y = &o->all[b];
	int order = capture_order_of_inodes(x, y);

	if (order)
		return order < 0;
	if (o->c->kcmp) {
		order = sys_kcmp(o->c->tid, o->c->tid, KCMP_FILE, (uint64_t)x->fd, (uint64_t)y->fd);
		if (order > 0)
			return order == 1;
	}
	return a < b;
}

static void sift_down(const struct order *o, uint64_t parent, uint64_t count)
{
	uint64_t child;

	while ((child = 2 * parent + 1) < count) {
		uint32_t moved = o->index[parent];

		if (child + 1 < count && is_before(o, o->index[child], o->index[child + 1]))
			child++;
		if (!is_before(o, moved, o->index[child]))
			return;
		o->index[parent] = o->index[child];
		o->index[child] = moved;
		parent = child;
	}
}

/* A heapsort: thousands of files of one inode are no reason to keep every thread parked for seconds. */
static void sort(const struct order *o)
{
	for (uint64_t i = o->count / 2; i-- > 0;)
		sift_down(o, i, o->count);
	for (uint64_t end = o->count; end-- > 1;) {
		uint32_t last = o->index[end];

		o->index[end] = o->index[0];
		o->index[0] = last;
		sift_down(o, 0, end);
	}
}

static int first_number(const struct image_descriptor *d)
{
	return d->same_as >= 0 ? d->same_as : d->fd;
}

/* The smallest number of the open file of the entry at `at`: with kcmp its duplicates stand right before it. */
static int find_first(const struct order *o, uint64_t at)
{
	const struct image_descriptor *d = &o->all[o->index[at]];

	for (uint64_t i = at; i-- > 0;) {
		const struct image_descriptor *other = &o->all[o->index[i]];

		if (capture_order_of_inodes(other, d) != 0)
			break;
		if (!o->c->kcmp && shares_flags(other->fd, d->fd))
			return first_number(other);
		if (o->c->kcmp) {
			int order = sys_kcmp(o->c->tid, o->c->tid, KCMP_FILE, (uint64_t)other->fd, (uint64_t)d->fd);

			return order == 0 ? first_number(other) : -1;
		}
	}
	return -1;
}

/* The array of indexes stands behind what STRINGS holds so far. */
void capture_compare(struct capture *c)
{
	struct table *strings = &c->b->tables[SECTION_STRINGS];
	uint64_t at = align_up((uint64_t)strings->base + strings->count, sizeof(uint32_t));
	struct order o = { c, BUILDER_AT(c->b, SECTION_DESCRIPTORS, struct image_descriptor, 0), (uint32_t *)at,
			   c->b->tables[SECTION_DESCRIPTORS].count };
	int works = sys_kcmp(c->tid, c->tid, KCMP_FILE, 0, 0);

	c->kcmp = works != -EPERM && works != -ENOSYS;
	for (uint64_t i = 0; i < o.count; i++)
		o.index[i] = (uint32_t)i;
	sort(&o);
	for (uint64_t i = 1; i < o.count; i++)
		o.all[o.index[i]].same_as = find_first(&o, i);
}

/*
 * Opened once more by its name: the log a shell redirected stdout to, or the terminal. What can be carried by
 * itself is: it has a position of its own, and /dev/null must not become the new terminal.
 */
static bool stands_for(struct subject *s, const struct image_descriptor *standard)
{
	uint32_t type = s->st.st_mode & S_IFMT;
	bool same_access = access_mode(s->d) == access_mode(standard);

	if (capture_order_of_inodes(s->d, standard) != 0 || (s->d->open_flags & O_PATH)
	    || string_starts(capture_path(s), "anon_inode:") || capture_is_memory_device(&s->st))
		return false;
	if (type == S_IFIFO)
		return same_access;
	return type == S_IFCHR || access_mode(s->d) != O_RDONLY;
}

/* The one of 0-2 that it stands for, best with the same access; or -1. */
static int find_standard(struct subject *s)
{
	int found = -1;

	for (int fd = 0; fd <= 2; fd++) {
		const struct image_descriptor *d = capture_find(s->c->b, fd);

		if (!d || d->kind != DESCRIPTOR_STDIO || !stands_for(s, d))
			continue;
		if (access_mode(d) == access_mode(s->d))
			return fd;
		if (found < 0)
			found = fd;
	}
	return found;
}

/*
 * A JVM that was started with some of 0-2 closed has files of its own there: lib/modules, then jars. Nobody writes to
 * what is open for reading only; stdin may be such a file, but not that one.
 */
static bool is_own_file(struct subject *s)
{
	if ((s->st.st_mode & S_IFMT) != S_IFREG || access_mode(s->d) != O_RDONLY)
		return false;
	return s->d->fd != 0 || string_ends(capture_path(s), "/lib/modules");
}

/* Of the three, or the one of them that it is a duplicate of, or stands for; -1: none. */
static int standard_of(struct subject *s)
{
	const struct image_descriptor *d = s->d, *first;

	if (d->fd <= 2)
		return is_own_file(s) ? -1 : d->fd;
	if (d->same_as < 0 || d->same_as > 2)
		return find_standard(s);
	first = capture_find(s->c->b, d->same_as);
	return first && first->kind == DESCRIPTOR_STDIO ? d->same_as : -1;
}

void capture_duplicate(struct subject *s)
{
	struct image_descriptor *d = s->d;
	int standard = standard_of(s);

	if (standard >= 0) {
		d->kind = DESCRIPTOR_STDIO;
		d->same_as = standard;
		d->position = 0;
	} else if (d->same_as >= 0) {
		d->kind = DESCRIPTOR_SAME;
		d->position = 0;
	}
}
