/* SPDX-License-Identifier: Apache-2.0 */
#include "descriptors/descriptors.h"
#include "sys/syscall.h"

static int install_failed(struct text *why, const char *what, int fd, int error)
{
	text_string(why, "cannot ");
	text_string(why, what);
	text_string(why, " file descriptor ");
	text_decimal(why, (uint64_t)fd);
	text_string(why, ": ");
	text_errno(why, -error);
	return error;
}

static int close_on_exec(const struct image_descriptor *d)
{
	return (int)(d->open_flags & O_CLOEXEC);
}

/* The launcher was started with this one of 0-2 closed. */
static int install_null(int fd)
{
	int null = sys_open("/dev/null", O_RDWR), error = 0;

	if (null < 0)
		return null;
	if (null != fd) {
		error = sys_dup3(null, fd, 0);
		sys_close(null);
	}
	return error < 0 ? error : 0;
}

/* 0-2 are the launcher's: only the flag that belongs to the number is the application's. */
static int install_standard(const struct image_descriptor *d)
{
	int error;

	if (d->fd != d->same_as)
		return sys_dup3(d->same_as, d->fd, close_on_exec(d));
	if (sys_fcntl(d->fd, F_GETFD, 0) == -EBADF) {
		error = install_null(d->fd);
		if (error < 0)
			return error;
	}
	return sys_fcntl(d->fd, F_SETFD, close_on_exec(d) ? FD_CLOEXEC : 0);
}

static int install_opened(const struct image_descriptor *d, int from)
{
	int error = sys_dup3(from, d->fd, close_on_exec(d));

	sys_close(from);
	return error;
}

static int install_watch(const struct image_watch *w, struct text *ret_why)
{
	struct epoll_event event = { w->events, w->data };
	int error = sys_epoll_ctl(w->epoll_fd, EPOLL_CTL_ADD, w->target_fd, &event);

	if (error < 0) {
		text_string(ret_why, "cannot watch file descriptor ");
		text_decimal(ret_why, (uint64_t)w->target_fd);
		text_string(ret_why, " by epoll ");
		text_decimal(ret_why, (uint64_t)w->epoll_fd);
		/* The kernel's EPERM says nothing about permissions: this kind of file has no events. */
		text_string(ret_why, error == -EPERM ? " again, it is now a file without events: " : " again: ");
		text_errno(ret_why, -error);
	}
	return error;
}

int descriptors_install(const struct image_view *view, const struct reopened *from, struct text *ret_why)
{
	int error = 0;

	/* What was opened lies above all the old numbers: nothing is in the way of anything. */
	for (uint64_t i = 0; error >= 0 && i < view->descriptor_count; i++) {
		const struct image_descriptor *d = &view->descriptors[i];

		if (d->kind == DESCRIPTOR_STDIO)
			error = install_standard(d);
		else if (d->kind == DESCRIPTOR_SAME)
			error = sys_dup3(d->same_as, d->fd, close_on_exec(d));
		else
			error = install_opened(d, from->fds[i]);
		if (error < 0)
			return install_failed(ret_why, "put in place", d->fd, error);
	}
	for (uint64_t i = 0; error >= 0 && i < view->watch_count; i++)
		error = install_watch(&view->watches[i], ret_why);
	return error < 0 ? error : 0;
}
