/* SPDX-License-Identifier: Apache-2.0 */
#include "descriptors/capture.h"
#include "sys/syscall.h"

/* An end of the same pipe that will be made again: not the launcher's stdin or stdout, not a duplicate. */
static struct image_descriptor *find_end(struct subject *s, int access)
{
	struct image_descriptor *d;
	uint64_t at = 0;

	while ((d = capture_next_of_inode(s, &at)))
		if (access_mode(d) == access && d->kind != DESCRIPTOR_STDIO && d->kind != DESCRIPTOR_SAME)
			return d;
	return NULL;
}

/* Nobody anywhere holds the other end. */
static bool is_abandoned(const struct subject *s)
{
	int16_t gone = access_mode(s->d) == O_RDONLY ? POLLHUP : POLLERR;
	struct pollfd poll = { s->d->fd, 0, 0 };

	return sys_poll(&poll, 1, 0) > 0 && (poll.revents & gone);
}

/* Reads all of the duplicate into BLOBS. */
static int keep_bytes(struct subject *s, int from, uint64_t bytes)
{
	uint8_t buffer[512];
	struct image_descriptor *d = s->d;

	while (d->blob_bytes < bytes) {
		long got = sys_read(from, buffer, min_u64(sizeof(buffer), bytes - d->blob_bytes));
		uint64_t offset;

		if (got <= 0)
			return got < 0 ? (int)got : -EIO;
		offset = builder_blob(s->c->b, buffer, (uint64_t)got);
		if (offset == ~0ull)
			return 0;
		if (d->blob_bytes == 0)
			d->blob_offset = offset;
		else if (offset != d->blob_offset + d->blob_bytes)
			return -EINVAL;
		d->blob_bytes += (uint64_t)got;
	}
	return 0;
}

/*
 * tee(2) hands over references to the pipe's buffers and consumes nothing. The second pipe must have as many
 * slots as the first: each write may have taken one, however short it was.
 */
static int duplicate_content(struct subject *s, uint64_t bytes)
{
	int ends[2];
	long got, error = sys_pipe2(ends, O_CLOEXEC | O_NONBLOCK);

	if (error < 0)
		return (int)error;
	error = sys_fcntl(ends[1], F_SETPIPE_SZ, (long)s->d->position);
	if (error >= 0) {
		got = sys_tee(s->d->fd, ends[1], bytes, 0);
		error = got < 0 ? got : (uint64_t)got == bytes ? keep_bytes(s, ends[0], bytes) : -EIO;
	}
	sys_close(ends[0]);
	sys_close(ends[1]);
	return (int)error;
}

static void keep_content(struct subject *s)
{
	int bytes = 0, error = (int)sys_ioctl(s->d->fd, FIONREAD, &bytes);

	if (error >= 0 && bytes > 0) {
		if (s->d->open_flags & O_DIRECT) {
			/* Packets; their borders would be lost. */
			capture_refuse(s, REFUSE_PIPE, capture_path(s));
			return;
		}
		error = duplicate_content(s, (uint64_t)bytes);
	}
	if (error < 0)
		capture_failed(s->c, error);
}

void capture_pipe(struct subject *s)
{
	struct image_descriptor *d = s->d, *twin, *peer;
	int access = access_mode(d);

	if (!string_starts(capture_path(s), "pipe:[")) {
		capture_fifo(s);
		return;
	}
	if (access != O_RDONLY && access != O_WRONLY) {
		capture_refuse(s, REFUSE_PIPE, capture_path(s));
		return;
	}
	twin = find_end(s, access);
	if (twin && twin->fd < d->fd) {
		/* Opened again through /proc: for the application the same, unless the flags differ. */
		if ((twin->open_flags ^ d->open_flags) & ~(uint32_t)O_CLOEXEC) {
			capture_refuse(s, REFUSE_PIPE, capture_path(s));
			return;
		}
		d->kind = DESCRIPTOR_SAME;
		d->same_as = twin->fd;
		return;
	}
	peer = find_end(s, access == O_RDONLY ? O_WRONLY : O_RDONLY);
	if (peer && peer->kind == DESCRIPTOR_CLOSED) {
		peer = NULL;
	} else if (!peer && !is_abandoned(s)) {
		capture_refuse(s, REFUSE_PIPE, capture_path(s));
		return;
	}
	d->kind = access == O_RDONLY ? DESCRIPTOR_PIPE_READ : DESCRIPTOR_PIPE_WRITE;
	d->peer = peer ? peer->fd : -1;
	d->position = (uint64_t)sys_fcntl(d->fd, F_GETPIPE_SZ, 0);
	if (access == O_RDONLY)
		keep_content(s);
}
