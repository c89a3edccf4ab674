/* SPDX-License-Identifier: Apache-2.0 */
#include "descriptors/reopen.h"
#include "sys/syscall.h"

#define UNIX_NAME_OFFSET	((uint32_t)offsetof(struct sockaddr_un, sun_path))
#define PRIVATE_UMASK		077u

/*
 * /tmp/.java_pid<pid>		what jcmd connects to: a second name of the next
 * /tmp/.java_pid<pid>.thaw	the agent's socket
 * /tmp/.java_pid<pid>.hs	HotSpot's own, which the agent hands requests on to
 */
static void attach_name(int pid, const char *suffix, struct sockaddr_un *ret)
{
	struct text t;

	memset(ret, 0, sizeof(*ret));
	ret->sun_family = AF_UNIX;
	text_open(&t, ret->sun_path, sizeof(ret->sun_path));
	text_string(&t, "/tmp/.java_pid");
	text_decimal(&t, (uint64_t)pid);
	text_string(&t, suffix);
}

static const char *attach_suffix(const struct image_descriptor *d)
{
	return d->options & OPTION_ATTACH_VM ? ".hs" : ".thaw";
}

static bool has_path(const struct image_descriptor *d)
{
	return d->address_bytes > UNIX_NAME_OFFSET && d->address[UNIX_NAME_OFFSET];
}

void reopen_remove_name(const struct image_descriptor *d, int new_pid)
{
	struct sockaddr_un name;

	if (d->options & OPTION_ATTACH) {
		attach_name(new_pid, attach_suffix(d), &name);
		sys_unlink(name.sun_path);
		attach_name(new_pid, "", &name);
		if (!(d->options & OPTION_ATTACH_VM))
			sys_unlink(name.sun_path);
	} else if (has_path(d)) {
		memset(&name, 0, sizeof(name));
		string_copy(name.sun_path, (const char *)d->address + UNIX_NAME_OFFSET, sizeof(name.sun_path));
		sys_unlink(name.sun_path);
	}
}

/* Whoever it belonged to has ended: the pid is ours now. But /tmp is sticky: only root may remove another's file. */
static bool is_in_the_way(const char *path)
{
	struct stat st;

	return sys_geteuid() != 0 && sys_lstat(path, &st) == 0 && st.st_uid != sys_geteuid();
}

/* Left by an earlier process of the same pid. */
static int remove_stale(const struct reopening *r, const char *path)
{
	int error = sys_unlink(path);

	return error < 0 && error != -ENOENT ? reopen_failed(r, "remove", path, error) : 0;
}

static int bind_and_listen(int fd, const void *address, uint32_t bytes, uint32_t umask, uint32_t backlog)
{
	unsigned int before = sys_umask(umask);
	int error = sys_bind(fd, address, bytes);

	sys_umask(before);
	return error < 0 ? error : sys_listen(fd, (int)backlog);
}

/* The process runs as well without jcmd: under a name of the kernel's choice (unix(7), autobind) nobody asks. */
static int listen_unreachable(int fd, const char *path)
{
	struct sockaddr_un unnamed = { .sun_family = AF_UNIX };
	char line[256];
	struct text t;

	text_open(&t, line, sizeof(line));
	text_string(&t, "thaw: jcmd cannot reach this process: ");
	text_string(&t, path);
	text_string(&t, " was left by an ended process of another user; remove it as that user or as root\n");
	sys_write(2, line, t.length);
	return bind_and_listen(fd, &unnamed, sizeof(unnamed.sun_family), PRIVATE_UMASK, 1);
}

/* jcmd looks only at names without a suffix, and the file must be complete when it appears there. */
static int listen_attach(const struct reopening *r, const struct image_descriptor *d, int fd)
{
	struct sockaddr_un own, known;
	int error;

	attach_name(r->new_pid, attach_suffix(d), &own);
	attach_name(r->new_pid, "", &known);
	if (is_in_the_way(own.sun_path))
		return listen_unreachable(fd, own.sun_path);
	if (!(d->options & OPTION_ATTACH_VM) && is_in_the_way(known.sun_path))
		return listen_unreachable(fd, known.sun_path);
	error = remove_stale(r, own.sun_path);
	if (!error && !(d->options & OPTION_ATTACH_VM))
		error = remove_stale(r, known.sun_path);
	if (error)
		return error;
	error = bind_and_listen(fd, &own, sizeof(own), PRIVATE_UMASK, d->backlog);
	if (error)
		return reopen_failed(r, "listen on", own.sun_path, error);
	if (d->options & OPTION_ATTACH_VM)
		return 0;
	error = sys_link(own.sun_path, known.sun_path);
	if (error) {
		sys_unlink(own.sun_path);
		return reopen_failed(r, "listen on", known.sun_path, error);
	}
	return 0;
}

/* A socket file that a process left when it ended: connecting to it is refused. */
static bool is_abandoned(const struct image_descriptor *d, const char *path)
{
	struct stat st;
	int fd, error;

	if (!has_path(d) || sys_lstat(path, &st) < 0 || (st.st_mode & S_IFMT) != S_IFSOCK)
		return false;
	fd = sys_socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return false;
	error = sys_connect(fd, d->address, d->address_bytes);
	sys_close(fd);
	return error == -ECONNREFUSED;
}

static int listen_other(const struct reopening *r, const struct image_descriptor *d, int fd)
{
	char path[sizeof(d->address)];
	struct text t;
	uint32_t umask = r->view->header->umask;
	int error = bind_and_listen(fd, d->address, d->address_bytes, umask, d->backlog);

	text_open(&t, path, sizeof(path));
	address_text(&t, d->address, d->address_bytes);
	if (error == -EADDRINUSE && is_abandoned(d, path)) {
		error = sys_unlink(path);
		if (!error)
			error = bind_and_listen(fd, d->address, d->address_bytes, umask, d->backlog);
	}
	return error ? reopen_failed(r, "listen on", path, error) : 0;
}

int reopen_unix_listener(const struct reopening *r, const struct image_descriptor *d)
{
	int fd = sys_socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), error;

	if (fd < 0)
		return reopen_failed(r, "make", "a socket", fd);
	error = d->options & OPTION_ATTACH ? listen_attach(r, d, fd) : listen_other(r, d, fd);
	if (error) {
		sys_close(fd);
		return error;
	}
	reopen_set_blocking(fd, d->open_flags);
	return fd;
}
