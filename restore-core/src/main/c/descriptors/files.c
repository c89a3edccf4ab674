/* SPDX-License-Identifier: Apache-2.0 */
#include "descriptors/capture.h"
#include "descriptors/descriptors.h"
#include "sys/syscall.h"

bool descriptor_is_kernel_file(int fd)
{
	struct statfs fs;

	if (sys_fstatfs(fd, &fs) < 0)
		return false;
	return fs.f_type == PROC_SUPER_MAGIC || fs.f_type == SYSFS_MAGIC
		|| fs.f_type == CGROUP_SUPER_MAGIC || fs.f_type == CGROUP2_SUPER_MAGIC;
}

static bool leads_to(const char *path, const struct stat *st)
{
	struct stat found;

	return path[0] == '/' && sys_stat(path, &found) == 0
		&& found.st_dev == st->st_dev && found.st_ino == st->st_ino;
}

void capture_refuse_file(struct subject *s, enum thaw_refusal_reason reason)
{
	static const char DELETED[] = " (deleted)";

	if (string_ends(capture_path(s), DELETED) && !leads_to(s->path, &s->st))
		s->path[string_length(s->path) - sizeof(DELETED) + 1] = 0;
	capture_refuse(s, reason, s->path);
}

/*
 * What is appended to does not depend on what the file holds, nor on its being there: a log. Elsewhere an offset
 * that is right for one restore is wrong for the second, so somebody must have decided.
 */
static void capture_writable(struct subject *s)
{
	bool decided = capture_action(s) == ACTION_CARRY;

	if (!decided && !(s->d->open_flags & O_APPEND)) {
		capture_refuse_file(s, REFUSE_WRITABLE_FILE);
	} else if (!leads_to(capture_path(s), &s->st)) {
		capture_refuse_file(s, REFUSE_DELETED_FILE);
	} else {
		s->d->kind = DESCRIPTOR_WRITABLE_FILE;
		s->d->path = builder_string(s->c->b, s->path);
		s->d->mode = s->st.st_mode & 07777;
	}
}

void capture_fifo(struct subject *s)
{
	if (capture_action(s) != ACTION_CARRY || !leads_to(capture_path(s), &s->st)) {
		capture_refuse(s, REFUSE_PIPE, capture_path(s));
		return;
	}
	s->d->kind = DESCRIPTOR_FIFO;
	s->d->path = builder_string(s->c->b, s->path);
}

void capture_file(struct subject *s)
{
	struct image_descriptor *d = s->d;
	bool is_directory = (s->st.st_mode & S_IFMT) == S_IFDIR;

	/* HotSpot keeps the folder /proc open for JFR's list of processes, and rewinds it. */
	if (descriptor_is_kernel_file(d->fd) && !(is_directory && string_equal(s->path, "/proc"))) {
		capture_device(s);
		return;
	}
	if (capture_memfd(s))
		return;
	if (access_mode(d) != O_RDONLY) {
		capture_writable(s);
		return;
	}
	if (!leads_to(s->path, &s->st)) {
		capture_refuse_file(s, REFUSE_DELETED_FILE);
		return;
	}
	d->kind = DESCRIPTOR_FILE;
	d->path = builder_string(s->c->b, s->path);
	if (is_directory) {
		/* Its content may change; that it is a directory may not. */
		d->open_flags |= O_DIRECTORY;
	} else if (!(d->open_flags & O_PATH)) {
		d->file = builder_file(s->c->b, d->fd, s->path, &s->st);
		if (d->file == THAW_NONE && !s->c->b->overflow)
			capture_refuse_file(s, REFUSE_DELETED_FILE);
	}
}

static const char *memory_device(const struct stat *st)
{
	uint64_t major = st->st_rdev >> 8 & 0xfff;
	uint64_t minor = (st->st_rdev & 0xff) | (st->st_rdev >> 12 & 0xfff00);

	if ((st->st_mode & S_IFMT) != S_IFCHR || major != MEM_MAJOR)
		return NULL;
	switch (minor) {
	case 3:
		return "/dev/null";
	case 5:
		return "/dev/zero";
	case 7:
		return "/dev/full";
	case 8:
		return "/dev/random";
	case 9:
		return "/dev/urandom";
	default:
		return NULL;
	}
}

bool capture_is_memory_device(const struct stat *st)
{
	return memory_device(st) != NULL;
}

/* "/proc/<pid>/..." of this process: at the restore that is another process, or none. */
static bool is_of_this_process(const char *path)
{
	char prefix[32];
	struct text t;

	text_open(&t, prefix, sizeof(prefix));
	text_string(&t, "/proc/");
	text_decimal(&t, (uint64_t)sys_getpid());
	text_string(&t, "/");
	return string_starts(path, prefix);
}

/* Also files the kernel makes up. What a driver knows of this one open is lost: somebody must have decided. */
void capture_device(struct subject *s)
{
	const char *path = memory_device(&s->st);

	if (!path && capture_action(s) == ACTION_CARRY && leads_to(capture_path(s), &s->st) && !is_of_this_process(s->path))
		path = s->path;
	if (!path) {
		capture_refuse_file(s, REFUSE_DEVICE);
		return;
	}
	s->d->kind = DESCRIPTOR_DEVICE;
	s->d->position = 0;
	s->d->path = builder_string(s->c->b, path);
}
