/* SPDX-License-Identifier: Apache-2.0 */
#include "descriptors/reopen.h"
#include "sys/syscall.h"

/* What nobody has open for reading cannot be opened for writing without waiting, except by one that does both. */
static int open_fifo(const char *path, int flags)
{
	int both = (flags & O_ACCMODE) == O_WRONLY ? sys_open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC) : -1;
	int fd = sys_open(path, flags);

	if (both >= 0)
		sys_close(both);
	return fd;
}

/* A log may have been moved away since. It gets the permissions it had, whatever the umask of the launcher. */
static int create(const char *path, int flags, uint32_t mode)
{
	unsigned int before = sys_umask(0);
	int fd = sys_openat(AT_FDCWD, path, flags | O_CREAT, mode & 0777);

	sys_umask(before);
	return fd;
}

/* Never waits: neither for the other end of a FIFO that stands where a file was, nor for a modem. */
static int open_at(const struct image_descriptor *d, const char *path, int flags)
{
	int fd;

	if (d->kind == DESCRIPTOR_FILE)
		return sys_open(path, flags);
	flags |= O_NONBLOCK;
	if (d->kind == DESCRIPTOR_FIFO)
		return open_fifo(path, flags);
	fd = sys_open(path, flags);
	if (fd == -ENOENT && d->kind == DESCRIPTOR_WRITABLE_FILE && flags & O_APPEND)
		fd = create(path, flags, d->mode);
	return fd;
}

static int failed(const struct reopening *r, const char *path, int error)
{
	if (error != -ENXIO)
		return reopen_failed(r, "open", path, error);
	text_string(r->why, "cannot open ");
	text_string(r->why, path);
	text_string(r->why, " again: it is another kind of file now, or nobody reads it");
	return error;
}

static bool is_of_kind(const struct image_descriptor *d, int fd)
{
	struct stat st;

	if (d->kind != DESCRIPTOR_WRITABLE_FILE && d->kind != DESCRIPTOR_FIFO)
		return true;
	return sys_fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == (d->kind == DESCRIPTOR_FIFO ? S_IFIFO : S_IFREG);
}

/* As near as a number that is in use can come to a closed one: read, write and the like give EBADF. */
int reopen_closed(const struct reopening *r)
{
	int fd = sys_open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? reopen_failed(r, "open", "/", fd) : fd;
}

/* FILES has already been compared; what is written to may have any content by now. */
int reopen_by_name(const struct reopening *r, const struct image_descriptor *d)
{
	const char *path = view_string(r->view, d->path);
	int flags = (int)d->open_flags & ~(O_CREAT | O_EXCL | O_TRUNC);
	int fd = open_at(d, path, flags | O_NOCTTY | O_CLOEXEC);
	long at = 0;

	if (fd < 0)
		return failed(r, path, fd);
	if (!is_of_kind(d, fd)) {
		sys_close(fd);
		return failed(r, path, -ENXIO);
	}
	if (d->kind != DESCRIPTOR_FILE)
		reopen_set_blocking(fd, d->open_flags);
	if (d->position && !(flags & O_PATH))
		at = sys_lseek(fd, (int64_t)d->position, SEEK_SET);
	if (at < 0) {
		sys_close(fd);
		return reopen_failed(r, "position", path, at);
	}
	return fd;
}
