/* SPDX-License-Identifier: Apache-2.0
 * Socketpairs, and what their ends have not read yet.
 */
#include "descriptors/sockets.h"
#include "sys/syscall.h"

/*
 * One look at what comes next, straight into BLOBS behind `reserve` bytes: its length, or -errno. -EAGAIN: there is
 * no more. -EXFULL: there is something beside the bytes, file descriptors in flight. Without room for control
 * messages the kernel drops its copy of them and says MSG_CTRUNC; they stay in the queue.
 */
static long peek(struct subject *s, uint64_t reserve)
{
	struct table *blobs = &s->c->b->tables[SECTION_BLOBS];
	struct iovec room = { blobs->base + blobs->count + reserve, blobs->capacity - blobs->count - reserve };
	struct msghdr message = { .iov = &room, .iov_count = 1 };
	long got;

	if (blobs->capacity - blobs->count <= reserve) {
		s->c->b->overflow = true;
		return -EAGAIN;
	}
	got = sys_recvmsg(s->d->fd, &message, MSG_PEEK | MSG_DONTWAIT);
	return got >= 0 && message.flags & MSG_CTRUNC ? -EXFULL : got;
}

/* Datagrams stand there each behind its length. A length of 0 ends a stream; of datagrams it may be one. */
static long peek_next(struct subject *s)
{
	struct table *blobs = &s->c->b->tables[SECTION_BLOBS];
	bool datagrams = s->d->type == SOCK_DGRAM;
	uint32_t length;
	long got = peek(s, datagrams ? sizeof(length) : 0);

	if (got < 0)
		return got;
	if (got == 0 && (!datagrams || s->d->options & OPTION_SHUT_READ))
		return -EAGAIN;
	length = (uint32_t)got;
	if (datagrams) {
		memcpy(blobs->base + blobs->count, &length, sizeof(length));
		blobs->count += sizeof(length);
	}
	blobs->count += length;
	return got;
}

static int keep_unread(struct subject *s)
{
	const struct table *blobs = &s->c->b->tables[SECTION_BLOBS];
	int start = 0, before = socket_option(s->d->fd, SOL_SOCKET, SO_PEEK_OFF);
	long got = sys_setsockopt(s->d->fd, SOL_SOCKET, SO_PEEK_OFF, &start, sizeof(start));

	s->d->blob_offset = blobs->count;
	while (got >= 0)
		got = peek_next(s);
	s->d->blob_bytes = blobs->count - s->d->blob_offset;
	sys_setsockopt(s->d->fd, SOL_SOCKET, SO_PEEK_OFF, &before, sizeof(before));
	return got == -EAGAIN ? 0 : (int)got;
}

static bool is_gone(const struct image_descriptor *peer)
{
	return peer->kind == DESCRIPTOR_DEAD_SOCKET || peer->kind == DESCRIPTOR_CLOSED;
}

void capture_pair(struct subject *s)
{
	struct image_descriptor *d = s->d, *peer = NULL;
	struct unix_end end;
	int error = unix_end_of(s->st.st_ino, &end);

	if (!error && end.peer)
		peer = capture_of_inode(s, end.peer);
	if (error || (end.peer && !peer)) {
		socket_refuse(s, REFUSE_UNIX_CONNECTION, "");
		return;
	}
	d->kind = DESCRIPTOR_UNIX_PAIR;
	d->peer = peer && !is_gone(peer) ? peer->fd : -1;
	d->options = end.shut_read ? OPTION_SHUT_READ : 0;
	socket_keep_buffer_sizes(d);
	error = keep_unread(s);
	if (error == -EXFULL)
		socket_refuse(s, REFUSE_SOCKET, "AF_UNIX socket with file descriptors or credentials in flight");
	else if (error)
		capture_failed(s->c, error);
}
