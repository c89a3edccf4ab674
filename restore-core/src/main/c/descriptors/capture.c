/* SPDX-License-Identifier: Apache-2.0 */
#include "descriptors/capture.h"
#include "descriptors/descriptors.h"
#include "sys/directory.h"
#include "sys/syscall.h"

/* /proc/self belongs to the primordial thread, and shows no files once that one has ended. */
#define PROC_FD		"/proc/thread-self/fd"

struct image_descriptor *capture_find(struct builder *b, int fd)
{
	uint64_t low = 0, high = b->tables[SECTION_DESCRIPTORS].count;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;
		struct image_descriptor *d = BUILDER_AT(b, SECTION_DESCRIPTORS, struct image_descriptor, middle);

		if (d->fd == fd)
			return d;
		if (d->fd < fd)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* What identifies an inode. It stands in `address` until that is written, or cleared at the end. */
struct inode_key {
	uint64_t dev, ino, mode;
};

int capture_order_of_inodes(const struct image_descriptor *a, const struct image_descriptor *b)
{
	return memcmp(a->address, b->address, sizeof(struct inode_key));
}

struct image_descriptor *capture_next_of_inode(const struct subject *s, uint64_t *at)
{
	struct builder *b = s->c->b;

	while (*at < b->tables[SECTION_DESCRIPTORS].count) {
		struct image_descriptor *d = BUILDER_AT(b, SECTION_DESCRIPTORS, struct image_descriptor, (*at)++);

		if (d != s->d && capture_order_of_inodes(d, s->d) == 0)
			return d;
	}
	return NULL;
}

struct image_descriptor *capture_of_inode(const struct subject *s, uint64_t inode)
{
	const struct inode_key key = { s->st.st_dev, inode, s->st.st_mode };
	struct builder *b = s->c->b;

	for (uint64_t i = 0; i < b->tables[SECTION_DESCRIPTORS].count; i++) {
		struct image_descriptor *d = BUILDER_AT(b, SECTION_DESCRIPTORS, struct image_descriptor, i);

		if (memcmp(d->address, &key, sizeof(key)) == 0 && d->kind != DESCRIPTOR_SAME && d->kind != DESCRIPTOR_STDIO)
			return d;
	}
	return NULL;
}

struct thaw_refusal *capture_refuse(struct subject *s, enum thaw_refusal_reason reason, const char *name)
{
	s->d->kind = KIND_REFUSED;
	return builder_refuse(s->c->b, reason, s->d->fd, name);
}

void capture_failed(struct capture *c, int error)
{
	if (!c->error)
		c->error = error;
}

static bool is_engine_fd(const struct builder *b, int fd)
{
	for (const int *own = b->engine_fds; own && *own >= 0; own++)
		if (*own == fd)
			return true;
	return false;
}

static bool note(const char *name, void *data)
{
	const struct capture *c = data;
	int fd = directory_number(name);
	struct image_descriptor *d;

	if (fd < 0 || fd == c->directory || is_engine_fd(c->b, fd))
		return true;
	d = builder_add(c->b, SECTION_DESCRIPTORS);
	if (!d)
		return false;
	d->fd = fd;
	d->kind = KIND_PENDING;
	d->same_as = -1;
	d->peer = -1;
	d->file = THAW_NONE;
	return true;
}

/* The kernel lists them in ascending order, but promises nothing. */
static bool is_ascending(const struct builder *b)
{
	const struct image_descriptor *all = BUILDER_AT(b, SECTION_DESCRIPTORS, struct image_descriptor, 0);

	for (uint64_t i = 1; i < b->tables[SECTION_DESCRIPTORS].count; i++)
		if (all[i].fd <= all[i - 1].fd)
			return false;
	return true;
}

/* Only the numbers have to move: everything else is still the same in all entries. */
static void sort_numbers(const struct builder *b)
{
	struct image_descriptor *all = BUILDER_AT(b, SECTION_DESCRIPTORS, struct image_descriptor, 0);

	for (uint64_t i = 1; i < b->tables[SECTION_DESCRIPTORS].count; i++) {
		int fd = all[i].fd;
		uint64_t j = i;

		for (; j > 0 && all[j - 1].fd > fd; j--)
			all[j].fd = all[j - 1].fd;
		all[j].fd = fd;
	}
}

static int list_all(struct capture *c)
{
	int error = directory_walk(c->directory, note, c);

	if (!is_ascending(c->b))
		sort_numbers(c->b);
	return error;
}

/* One that cannot even be looked at keeps mode 0 and is refused by its name later. */
static void look_at(struct image_descriptor *d)
{
	struct stat st;
	struct inode_key key = { 0 };
	int flags = sys_fcntl(d->fd, F_GETFL, 0);
	long position = sys_lseek(d->fd, 0, SEEK_CUR);

	if (sys_fstat(d->fd, &st) == 0)
		key = (struct inode_key){ st.st_dev, st.st_ino, st.st_mode };
	memcpy(d->address, &key, sizeof(key));
	d->open_flags = flags < 0 ? 0 : (uint32_t)(flags & ~O_CLOEXEC);
	if (sys_fcntl(d->fd, F_GETFD, 0) & FD_CLOEXEC)
		d->open_flags |= O_CLOEXEC;
	d->position = position < 0 ? 0 : (uint64_t)position;
}

static void subject_open(struct capture *c, struct image_descriptor *d, struct subject *ret)
{
	ret->c = c;
	ret->d = d;
	ret->path = NULL;
	if (sys_fstat(d->fd, &ret->st) < 0)
		memset(&ret->st, 0, sizeof(ret->st));
}

char *capture_path(struct subject *s)
{
	struct table *strings = &s->c->b->tables[SECTION_STRINGS];
	char name[16];
	struct text t;
	long length;

	if (s->path)
		return s->path;
	if (strings->capacity - strings->count < 2 * PATH_BYTES)
		s->c->b->overflow = true;
	s->path = (char *)strings->base + strings->capacity - PATH_BYTES;
	text_open(&t, name, sizeof(name));
	text_decimal(&t, (uint64_t)s->d->fd);
	length = sys_readlinkat(s->c->directory, name, s->path, PATH_BYTES - 1);
	s->path[length > 0 ? length : 0] = 0;
	return s->path;
}

static void capture_by_type(struct subject *s)
{
	uint32_t type = s->st.st_mode & S_IFMT;

	if (type != S_IFREG && type != S_IFDIR)
		s->d->position = 0;
	if (type == S_IFSOCK && !(s->d->open_flags & O_PATH))
		capture_socket(s);
	else if (string_starts(capture_path(s), "anon_inode:"))
		capture_anonymous(s);
	else if (type == S_IFREG || type == S_IFDIR)
		capture_file(s);
	else if (s->d->open_flags & O_PATH)
		capture_refuse(s, REFUSE_DEVICE, capture_path(s));
	else if (type == S_IFIFO)
		capture_pipe(s);
	else
		capture_device(s);
}

/* Calls visit for all entries that nobody has decided on yet. */
static void for_pending(struct capture *c, void (*visit)(struct subject *s))
{
	struct subject s;

	for (uint64_t i = 0; i < c->b->tables[SECTION_DESCRIPTORS].count; i++) {
		struct image_descriptor *d = BUILDER_AT(c->b, SECTION_DESCRIPTORS, struct image_descriptor, i);

		if (d->kind != KIND_PENDING)
			continue;
		subject_open(c, d, &s);
		visit(&s);
	}
}

static void drop_refused(struct builder *b)
{
	struct table *table = &b->tables[SECTION_DESCRIPTORS];
	struct image_descriptor *all = BUILDER_AT(b, SECTION_DESCRIPTORS, struct image_descriptor, 0);
	uint64_t kept = 0;

	for (uint64_t i = 0; i < table->count; i++) {
		if (!all[i].address_bytes)
			memset(all[i].address, 0, sizeof(all[i].address));
		if (all[i].kind == KIND_PENDING || all[i].kind == KIND_REFUSED)
			continue;
		if (kept != i)
			memcpy(&all[kept], &all[i], sizeof(all[i]));
		kept++;
	}
	table->count = kept;
}

/* For capture_compare's array, and for a name in its place while it is still being read in the last bytes. */
static bool has_room(const struct builder *b)
{
	const struct table *strings = &b->tables[SECTION_STRINGS];
	uint64_t needed = b->tables[SECTION_DESCRIPTORS].count * sizeof(uint32_t) + 2 * PATH_BYTES;

	return strings->capacity - strings->count >= needed;
}

static int capture_listed(struct capture *c)
{
	struct table *table = &c->b->tables[SECTION_DESCRIPTORS];
	int error = list_all(c);

	if (error)
		return error;
	if (!has_room(c->b)) {
		c->b->overflow = true;
		return 0;
	}
	for (uint64_t i = 0; i < table->count; i++)
		look_at(BUILDER_AT(c->b, SECTION_DESCRIPTORS, struct image_descriptor, i));
	capture_compare(c);
	for_pending(c, capture_duplicate);
	for_pending(c, capture_decided);
	for_pending(c, capture_by_type);
	capture_watches(c);
	capture_views(c);
	drop_refused(c->b);
	return c->error;
}

int descriptors_capture(struct builder *b)
{
	struct capture c = { .b = b, .tid = sys_gettid(), .kcmp = true };
	int error;

	c.directory = sys_open(PROC_FD, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (c.directory < 0)
		return c.directory;
	error = capture_listed(&c);
	sys_close(c.directory);
	capture_children(&c);
	return error;
}
