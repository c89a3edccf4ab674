/* SPDX-License-Identifier: Apache-2.0 */
#include "descriptors/reopen.h"
#include "sys/syscall.h"

/* The entry of the other end, and its index; NULL if this process had none. */
static const struct image_descriptor *find_peer(const struct image_view *view, const struct image_descriptor *d,
						 uint64_t *ret)
{
	uint32_t kind = d->kind == DESCRIPTOR_PIPE_READ ? DESCRIPTOR_PIPE_WRITE : DESCRIPTOR_PIPE_READ;

	for (*ret = 0; *ret < view->descriptor_count; (*ret)++) {
		const struct image_descriptor *peer = &view->descriptors[*ret];

		if (peer->fd == d->peer && peer->kind == kind)
			return peer;
	}
	return NULL;
}

/* The write end does not block yet, so that a pipe too small for its content is an error, not a hang. */
static int fill(const struct reopening *r, const struct image_descriptor *d, int write_end)
{
	long wrote;

	/* Over the user's limit of pipe pages this fails; it only matters if the content then does not fit. */
	if ((uint64_t)sys_fcntl(write_end, F_GETPIPE_SZ, 0) != d->position)
		sys_fcntl(write_end, F_SETPIPE_SZ, (long)d->position);
	if (!d->blob_bytes)
		return 0;
	wrote = sys_write(write_end, r->view->blobs + d->blob_offset, d->blob_bytes);
	if (wrote < 0)
		return (int)wrote;
	return (uint64_t)wrote == d->blob_bytes ? 0 : -ENOSPC;
}

/* Puts one end where it belongs: closed if this process never had it. */
static int place(const struct reopening *r, int fd, const struct image_descriptor *d, uint64_t index)
{
	int up;

	if (!d) {
		sys_close(fd);
		return 0;
	}
	up = reopen_move_up(r, fd);
	if (up < 0)
		return up;
	reopen_set_blocking(up, d->open_flags);
	r->to->fds[index] = up;
	return 0;
}

int reopen_pipe(const struct reopening *r, const struct image_descriptor *d, uint64_t index)
{
	uint64_t peer_index;
	const struct image_descriptor *peer = find_peer(r->view, d, &peer_index);
	bool reads = d->kind == DESCRIPTOR_PIPE_READ;
	int ends[2], error, peer_error;

	if (r->to->fds[index] >= 0)
		return 0;	/* made with its other end */
	error = sys_pipe2(ends, O_CLOEXEC | O_NONBLOCK | (int)(d->open_flags & O_DIRECT));
	if (error < 0)
		return reopen_failed(r, "make", "a pipe", error);
	if (reads)
		error = fill(r, d, ends[1]);
	else if (peer)
		error = fill(r, peer, ends[1]);
	peer_error = place(r, ends[reads ? 1 : 0], peer, peer_index);
	if (!error)
		error = peer_error;
	peer_error = place(r, ends[reads ? 0 : 1], d, index);
	if (!error)
		error = peer_error;
	return error ? reopen_failed(r, "fill", "a pipe", error) : 0;
}
