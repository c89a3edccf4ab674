/* SPDX-License-Identifier: Apache-2.0 */
#include "descriptors/reopen.h"
#include "sys/syscall.h"

static const struct image_descriptor *find(const struct image_view *view, int fd, uint64_t *ret)
{
	for (*ret = 0; *ret < view->descriptor_count; (*ret)++)
		if (view->descriptors[*ret].fd == fd)
			return &view->descriptors[*ret];
	return NULL;
}

static int send_all(int fd, const uint8_t *from, uint64_t bytes)
{
	long sent = 0;

	while (bytes && sent >= 0) {
		sent = sys_send(fd, from, bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (sent > 0) {
			from += sent;
			bytes -= (uint64_t)sent;
		}
	}
	return sent < 0 ? (int)sent : 0;
}

static int send_datagrams(int fd, const uint8_t *from, uint64_t bytes)
{
	const uint8_t *end = from + bytes;
	uint32_t length;

	while ((uint64_t)(end - from) >= sizeof(length)) {
		long sent;

		memcpy(&length, from, sizeof(length));
		from += sizeof(length);
		if (length > (uint64_t)(end - from))
			return -EINVAL;
		sent = sys_send(fd, from, length, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (sent < 0)
			return (int)sent;
		from += length;
	}
	return 0;
}

/* What fd had not read comes from its other end. */
static int fill(const struct reopening *r, const struct image_descriptor *d, int fd, int other)
{
	const uint8_t *unread = r->view->blobs + d->blob_offset;
	int error = reopen_buffer_sizes(fd, d);

	if (!error)
		error = d->type == SOCK_DGRAM ? send_datagrams(other, unread, d->blob_bytes)
					      : send_all(other, unread, d->blob_bytes);
	if (!error && d->options & OPTION_SHUT_READ)
		error = d->type == SOCK_DGRAM ? sys_shutdown(fd, SHUT_RD) : sys_shutdown(other, SHUT_WR);
	return error;
}

static int place(const struct reopening *r, int fd, const struct image_descriptor *d, uint64_t index)
{
	int up = reopen_move_up(r, fd);

	if (up < 0)
		return up;
	reopen_set_blocking(up, d->open_flags);
	r->to->fds[index] = up;
	return 0;
}

/* Both are filled before either is shut down or closed. */
static int fill_both(const struct reopening *r, const struct image_descriptor *d, const struct image_descriptor *peer,
		     const int *ends)
{
	struct image_descriptor open = *d;
	int error;

	open.options &= ~(uint32_t)OPTION_SHUT_READ;
	error = fill(r, &open, ends[0], ends[1]);
	if (!error && peer)
		error = fill(r, peer, ends[1], ends[0]);
	if (!error && d->options & OPTION_SHUT_READ) {
		open = *d;
		open.blob_bytes = 0;
		error = fill(r, &open, ends[0], ends[1]);
	}
	return error;
}

int reopen_pair(const struct reopening *r, const struct image_descriptor *d, uint64_t index)
{
	uint64_t peer_index = 0;
	const struct image_descriptor *peer = d->peer < 0 ? NULL : find(r->view, d->peer, &peer_index);
	int ends[2], error, placed;

	if (r->to->fds[index] >= 0)
		return 0;	/* made with its other end */
	error = sys_socketpair(AF_UNIX, (int)d->type | SOCK_CLOEXEC, 0, ends);
	if (error < 0)
		return reopen_failed(r, "make", "a socketpair", error);
	error = fill_both(r, d, peer, ends);
	if (peer)
		placed = place(r, ends[1], peer, peer_index);
	else
		placed = sys_close(ends[1]);
	error = error ? error : placed;
	placed = place(r, ends[0], d, index);
	error = error ? error : placed;
	return error ? reopen_failed(r, "fill", "a socketpair", error) : 0;
}

/* Who has bound its peer's name may have gone: the application gets ECONNREFUSED or ENOTCONN, as it would have. */
int reopen_unix_datagram(const struct reopening *r, const struct image_descriptor *d)
{
	int fd = sys_socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), error;

	if (fd < 0)
		return reopen_failed(r, "make", "a socket", fd);
	error = reopen_buffer_sizes(fd, d);
	if (error) {
		sys_close(fd);
		return reopen_failed(r, "make", "a socket", error);
	}
	if (d->address_bytes)
		sys_connect(fd, d->address, d->address_bytes);
	reopen_set_blocking(fd, d->open_flags);
	return fd;
}
