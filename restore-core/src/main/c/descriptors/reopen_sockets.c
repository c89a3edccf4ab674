/* SPDX-License-Identifier: Apache-2.0 */
#include "descriptors/reopen.h"
#include "sys/syscall.h"

static int set(int fd, int level, int name, int value)
{
	return sys_setsockopt(fd, level, name, &value, sizeof(value));
}

static int set_flag(int fd, int level, int name, const struct image_descriptor *d, uint32_t option)
{
	return d->options & option ? set(fd, level, name, 1) : 0;
}

/* Sizes are read doubled: socket(7). */
int reopen_buffer_sizes(int fd, const struct image_descriptor *d)
{
	int error = 0;

	if (d->receive_buffer)
		error = set(fd, SOL_SOCKET, SO_RCVBUF, (int)(d->receive_buffer / 2));
	if (!error && d->send_buffer)
		error = set(fd, SOL_SOCKET, SO_SNDBUF, (int)(d->send_buffer / 2));
	return error;
}

/* All before bind: the address check looks at the first three. */
int reopen_socket_options(int fd, const struct image_descriptor *d)
{
	int error = set_flag(fd, SOL_SOCKET, SO_REUSEADDR, d, OPTION_REUSEADDR);

	if (!error)
		error = set_flag(fd, SOL_SOCKET, SO_REUSEPORT, d, OPTION_REUSEPORT);
	if (!error && d->family == AF_INET6)
		error = set(fd, IPPROTO_IPV6, IPV6_V6ONLY, d->options & OPTION_V6ONLY ? 1 : 0);
	if (!error)
		error = set_flag(fd, SOL_SOCKET, SO_KEEPALIVE, d, OPTION_KEEPALIVE);
	if (!error)
		error = set_flag(fd, IPPROTO_TCP, TCP_NODELAY, d, OPTION_NODELAY);
	return error ? error : reopen_buffer_sizes(fd, d);
}

static int socket_failed(const struct reopening *r, const struct image_descriptor *d, int fd, int error)
{
	char name[160];
	struct text t;

	if (fd >= 0)
		sys_close(fd);
	if (!(d->options & OPTION_BOUND))
		return reopen_failed(r, "make", "a socket", error);
	text_open(&t, name, sizeof(name));
	address_text(&t, d->address, d->address_bytes);
	return reopen_failed(r, d->options & OPTION_LISTENING ? "listen on" : "bind", name, error);
}

int reopen_socket(const struct reopening *r, const struct image_descriptor *d)
{
	int fd = sys_socket((int)d->family, (int)d->type | SOCK_CLOEXEC, (int)d->protocol);
	int error = 0;

	if (fd < 0)
		return socket_failed(r, d, fd, fd);
	if (d->family != AF_UNIX)
		error = reopen_socket_options(fd, d);
	if (!error && (d->options & OPTION_BOUND))
		error = sys_bind(fd, d->address, d->address_bytes);
	if (!error && (d->options & OPTION_LISTENING))
		error = sys_listen(fd, (int)d->backlog);
	if (error)
		return socket_failed(r, d, fd, error);
	reopen_set_blocking(fd, d->open_flags);
	return fd;
}

/* Reads end, writes give EPIPE, epoll takes it: what a connection looks like whose peer has gone. */
int reopen_dead_socket(const struct reopening *r, const struct image_descriptor *d)
{
	int pair[2], error = sys_socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);

	if (error < 0)
		return reopen_failed(r, "make", "a socket", error);
	sys_close(pair[1]);
	reopen_set_blocking(pair[0], d->open_flags);
	return pair[0];
}
