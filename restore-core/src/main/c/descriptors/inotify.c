/* SPDX-License-Identifier: Apache-2.0
 * inotify: the kernel tells which inodes are watched, not by what name. Java knows the names of the JDK's watches.
 */
#include "descriptors/capture.h"
#include "sys/syscall.h"

/* include/linux/kdev_t.h: 12 bits and 20 inside the kernel; stat's st_dev has them apart. */
static uint64_t device_of_stat(uint64_t inside)
{
	uint64_t major = inside >> 20, minor = inside & 0xfffff;

	return (minor & 0xff) | major << 8 | (minor & ~(uint64_t)0xff) << 12;
}

static const char *path_of(const struct subject *s, int wd)
{
	const struct builder *b = s->c->b;

	for (uint64_t i = 0; i < b->watch_path_count; i++)
		if (b->watch_paths[i].fd == s->d->fd && b->watch_paths[i].wd == wd)
			return (const char *)b->watch_paths[i].path;
	return NULL;
}

static void refuse_moved(struct subject *s, const char *path)
{
	char name[256];
	struct text t;

	text_open(&t, name, sizeof(name));
	text_string(&t, "anon_inode:inotify that watches what is no longer at ");
	text_string(&t, path);
	capture_refuse(s, REFUSE_ANON_INODE, name);
}

static void keep_watch(struct subject *s, const struct fdinfo_inotify *info)
{
	const char *path = path_of(s, info->wd);
	struct image_inotify_watch w = { info->wd, info->mask & (IN_ALL_EVENTS | IN_EXCL_UNLINK | IN_ONESHOT), 0, 0 };
	struct stat st;

	if (!path) {
		capture_refuse(s, REFUSE_ANON_INODE, "anon_inode:inotify");
		return;
	}
	if (sys_stat(path, &st) < 0 || st.st_ino != info->inode || st.st_dev != device_of_stat(info->device)) {
		refuse_moved(s, path);
		return;
	}
	w.path = builder_string(s->c->b, path);
	if (builder_blob(s->c->b, &w, sizeof(w)) != ~0ull)
		s->d->blob_bytes += sizeof(w);
}

/* The kernel lists them from the newest to the oldest; numbers are given in ascending order. */
static void sort_watches(struct image_inotify_watch *all, uint64_t count)
{
	for (uint64_t i = 0; i < count / 2; i++) {
		struct image_inotify_watch w = all[i];

		all[i] = all[count - 1 - i];
		all[count - 1 - i] = w;
	}
	for (uint64_t i = 1; i < count; i++) {
		struct image_inotify_watch w = all[i];
		uint64_t j = i;

		for (; j > 0 && all[j - 1].wd > w.wd; j--)
			all[j] = all[j - 1];
		all[j] = w;
	}
}

static void keep_watches(struct subject *s)
{
	struct fdinfo_inotify info;
	struct lines lines;
	const char *line;
	int error = fdinfo_open(s->d->fd, &lines);

	if (error < 0) {
		capture_failed(s->c, error);
		return;
	}
	while (s->d->kind == DESCRIPTOR_INOTIFY && (line = lines_next(&lines)))
		if (fdinfo_parse_inotify(line, &info))
			keep_watch(s, &info);
	lines_close(&lines);
}

void capture_inotify(struct subject *s)
{
	struct table *blobs = &s->c->b->tables[SECTION_BLOBS];
	int unread = 0;

	/* A read takes them away, and the process may run on. */
	if (sys_ioctl(s->d->fd, FIONREAD, &unread) < 0 || unread > 0) {
		capture_refuse(s, REFUSE_UNREAD_EVENTS, "anon_inode:inotify");
		return;
	}
	s->d->kind = DESCRIPTOR_INOTIFY;
	blobs->count = min_u64(align_up(blobs->count, 8), blobs->capacity);
	s->d->blob_offset = blobs->count;
	keep_watches(s);
	sort_watches((struct image_inotify_watch *)(void *)(blobs->base + s->d->blob_offset),
		     s->d->blob_bytes / sizeof(struct image_inotify_watch));
}
