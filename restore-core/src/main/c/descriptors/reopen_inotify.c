/* SPDX-License-Identifier: Apache-2.0 */
#include "descriptors/reopen.h"
#include "sys/syscall.h"

#define HIGHEST_WD	(1 << 24)
#define DRAIN_EVERY	1024

static void drain(int fd)
{
	uint8_t buffer[512];

	while (sys_read(fd, buffer, sizeof(buffer)) > 0)
		;
}

/*
 * The kernel numbers watches upwards and does not use a number again until it has been around. Until the right one
 * comes they are removed; each removal is an event, IN_IGNORED. The watch itself asks for no event yet, so that
 * nothing else is in the queue when that is emptied.
 */
static int take_number(int fd, const char *path, int wanted)
{
	int wd = 0;

	if (wanted > HIGHEST_WD)
		return -ERANGE;
	for (int i = 1; wd >= 0; i++) {
		wd = sys_inotify_add_watch(fd, path, IN_EXCL_UNLINK | IN_MASK_CREATE);
		if (wd < 0 || wd == wanted)
			return wd;
		if (wd > wanted)
			return -EEXIST;
		sys_inotify_rm_watch(fd, wd);
		if (i % DRAIN_EVERY == 0)
			drain(fd);
	}
	return wd;
}

static int for_watches(const struct reopening *r, const struct image_descriptor *d, int fd, bool numbers)
{
	struct image_inotify_watch w;
	int wd = 0;

	for (uint64_t at = 0; wd >= 0 && at + sizeof(w) <= d->blob_bytes; at += sizeof(w)) {
		const char *path;

		memcpy(&w, r->view->blobs + d->blob_offset + at, sizeof(w));
		path = view_string(r->view, w.path);
		wd = numbers ? take_number(fd, path, w.wd) : sys_inotify_add_watch(fd, path, w.mask);
		if (wd >= 0 && wd != w.wd)
			wd = -ENOENT;	/* replaced in between */
		if (wd < 0)
			reopen_failed(r, "watch", path, wd);
	}
	return wd < 0 ? wd : 0;
}

int reopen_inotify(const struct reopening *r, const struct image_descriptor *d)
{
	int fd = sys_inotify_init1(O_NONBLOCK | O_CLOEXEC), error;

	if (fd < 0)
		return reopen_failed(r, "make", "an inotify", fd);
	error = for_watches(r, d, fd, true);
	drain(fd);
	if (!error)
		error = for_watches(r, d, fd, false);
	if (error) {
		sys_close(fd);
		return error;
	}
	reopen_set_blocking(fd, d->open_flags);
	return fd;
}
