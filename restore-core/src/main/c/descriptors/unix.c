/* SPDX-License-Identifier: Apache-2.0 */
#include "descriptors/sockets.h"

/* The kernel does not tell what it was. */
#define UNIX_BACKLOG		128

/* "/tmp/.java_pid12" and "/tmp/.java_pid12.tmp", but not "/tmp/.java_pid123". */
static bool is_attach_name(const struct subject *s, const struct address *address)
{
	const char *prefix = s->c->b->attach_prefix;
	const char *name = (const char *)address->raw + UNIX_NAME_OFFSET;
	char next;

	if (!prefix || !*prefix || address->bytes <= UNIX_NAME_OFFSET || !string_starts(name, prefix))
		return false;
	next = name[string_length(prefix)];
	return next == 0 || next == '.';
}

static void keep_unix_listener(struct subject *s, const struct address *local)
{
	struct image_descriptor *d = s->d;

	d->kind = DESCRIPTOR_UNIX_LISTENER;
	d->options = OPTION_LISTENING | OPTION_BOUND;
	d->backlog = UNIX_BACKLOG;
	socket_keep_address(d, local);
	if (is_attach_name(s, local)) {
		d->options |= OPTION_ATTACH;
		/* HotSpot binds this name and renames the file: PosixAttachListener::init */
		if (string_ends((const char *)local->raw + UNIX_NAME_OFFSET, ".tmp"))
			d->options |= OPTION_ATTACH_VM;
	}
}

static bool has_name(const struct address *address)
{
	return address->bytes > UNIX_NAME_OFFSET;
}

/* Sends to whoever has bound its peer's name, and is nobody to send to: nothing is lost. */
static void capture_datagram(struct subject *s, const struct address *local, const struct address *remote)
{
	if (has_name(local)) {
		socket_refuse(s, REFUSE_SOCKET, "AF_UNIX datagram socket");
		return;
	}
	s->d->kind = DESCRIPTOR_UNIX_DATAGRAM;
	socket_keep_buffer_sizes(s->d);
	if (has_name(remote))
		socket_keep_address(s->d, remote);
}

static void capture_unconnected(struct subject *s, const struct address *local)
{
	if (socket_option(s->d->fd, SOL_SOCKET, SO_ACCEPTCONN))
		keep_unix_listener(s, local);
	else if (!has_name(local))
		s->d->kind = DESCRIPTOR_SOCKET;
	else
		socket_refuse(s, REFUSE_SOCKET, "AF_UNIX socket that is bound but does not listen");
}

void capture_unix(struct subject *s)
{
	struct address local, remote;
	bool connected = socket_remote(s->d->fd, &remote) == 0;
	bool named;

	socket_local(s->d->fd, &local);
	named = has_name(&local) || has_name(&remote);
	if (s->d->type == SOCK_DGRAM && (named || !connected))
		capture_datagram(s, &local, &remote);
	else if (!connected)
		capture_unconnected(s, &local);
	/* POLLHUP: the peer has closed, not only shut down its sending half. */
	else if (is_attach_name(s, &local) || is_attach_name(s, &remote) || socket_has_ended(s->d->fd, POLLHUP))
		s->d->kind = DESCRIPTOR_DEAD_SOCKET;
	else if (named)
		socket_refuse(s, REFUSE_UNIX_CONNECTION, "");
	else
		capture_pair(s);
}
