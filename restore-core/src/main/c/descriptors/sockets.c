/* SPDX-License-Identifier: Apache-2.0 */
#include "descriptors/capture.h"
#include "sys/syscall.h"

#define UNIX_NAME_OFFSET	((unsigned int)offsetof(struct sockaddr_un, sun_path))
/* The kernel does not tell what it was. */
#define UNIX_BACKLOG		128

/* Zero behind the address itself; kernels end a path with NUL. */
struct address {
	unsigned int bytes;
	uint8_t raw[132];
};

static int option(int fd, int level, int name)
{
	int value = 0;
	unsigned int bytes = sizeof(value);

	return sys_getsockopt(fd, level, name, &value, &bytes) < 0 ? 0 : value;
}

static void local_address(int fd, struct address *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->bytes = 128;
	if (sys_getsockname(fd, ret->raw, &ret->bytes) < 0)
		ret->bytes = 0;
}

static int remote_address(int fd, struct address *ret)
{
	int error;

	memset(ret, 0, sizeof(*ret));
	ret->bytes = 128;
	error = sys_getpeername(fd, ret->raw, &ret->bytes);
	if (error < 0)
		ret->bytes = 0;
	return error;
}

static void keep_address(struct image_descriptor *d, const struct address *local)
{
	d->address_bytes = (uint32_t)min_u64(local->bytes, sizeof(d->address));
	memcpy(d->address, local->raw, sizeof(d->address));
}

static void refuse_socket(struct subject *s, enum thaw_refusal_reason reason, const char *name)
{
	struct thaw_refusal *refusal = capture_refuse(s, reason, name);
	struct address address;

	local_address(s->d->fd, &address);
	memcpy(refusal->local, address.raw, sizeof(refusal->local));
	refusal->address_bytes = address.bytes;
	remote_address(s->d->fd, &address);
	memcpy(refusal->remote, address.raw, sizeof(refusal->remote));
	refusal->address_bytes = (uint32_t)min_u64(max_u64(refusal->address_bytes, address.bytes), 128);
}

static const char *name_of_kind(uint32_t family, uint32_t type)
{
	if (family == AF_UNIX)
		return type == SOCK_STREAM ? "AF_UNIX socket" : type == SOCK_DGRAM ? "AF_UNIX datagram socket"
			: "AF_UNIX socket that is neither stream nor datagram";
	if (family == AF_NETLINK)
		return "netlink socket";
	if (family == AF_PACKET)
		return "packet socket";
	if (family != AF_INET && family != AF_INET6)
		return NULL;
	if (type == SOCK_DGRAM)
		return "UDP socket";
	if (type == SOCK_STREAM)
		return "TCP socket";
	return type == SOCK_RAW ? "raw socket" : NULL;
}

static void refuse_kind(struct subject *s, enum thaw_refusal_reason reason)
{
	char name[96];
	struct text t;
	const char *known = name_of_kind(s->d->family, s->d->type);

	text_open(&t, name, sizeof(name));
	if (known) {
		text_string(&t, known);
	} else {
		text_string(&t, "socket of family ");
		text_decimal(&t, s->d->family);
		text_string(&t, ", type ");
		text_decimal(&t, s->d->type);
		text_string(&t, ", protocol ");
		text_decimal(&t, s->d->protocol);
	}
	refuse_socket(s, reason, name);
}

static void read_kind(struct image_descriptor *d)
{
	d->family = (uint32_t)option(d->fd, SOL_SOCKET, SO_DOMAIN);
	d->type = (uint32_t)option(d->fd, SOL_SOCKET, SO_TYPE);
	d->protocol = (uint32_t)option(d->fd, SOL_SOCKET, SO_PROTOCOL);
}

void capture_refuse_socket_by_policy(struct subject *s)
{
	read_kind(s->d);
	refuse_kind(s, REFUSE_SOCKET_POLICY);
}

/* Looks without taking: a read, even with MSG_PEEK, would swallow a pending ECONNRESET. */
static bool has_ended(int fd, int16_t sign)
{
	struct pollfd poll = { fd, POLLIN | POLLRDHUP, 0 };
	int unread = 0;

	return sys_poll(&poll, 1, 0) > 0 && (poll.revents & sign)
		&& sys_ioctl(fd, FIONREAD, &unread) == 0 && unread == 0;
}

static uint32_t tcp_options(int fd, uint32_t family)
{
	uint32_t ret = 0;

	if (option(fd, SOL_SOCKET, SO_REUSEADDR))
		ret |= OPTION_REUSEADDR;
	if (option(fd, SOL_SOCKET, SO_REUSEPORT))
		ret |= OPTION_REUSEPORT;
	if (option(fd, SOL_SOCKET, SO_KEEPALIVE))
		ret |= OPTION_KEEPALIVE;
	if (option(fd, IPPROTO_TCP, TCP_NODELAY))
		ret |= OPTION_NODELAY;
	if (family == AF_INET6 && option(fd, IPPROTO_IPV6, IPV6_V6ONLY))
		ret |= OPTION_V6ONLY;
	return ret;
}

/* Sizes the kernel chose itself are left to the kernel of the restore. */
static void keep_buffer_sizes(struct image_descriptor *d)
{
	int set = option(d->fd, SOL_SOCKET, SO_BUF_LOCK);

	if (set & SOCK_RCVBUF_LOCK)
		d->receive_buffer = (uint32_t)option(d->fd, SOL_SOCKET, SO_RCVBUF);
	if (set & SOCK_SNDBUF_LOCK)
		d->send_buffer = (uint32_t)option(d->fd, SOL_SOCKET, SO_SNDBUF);
}

/* Neither connected nor ever was. */
static void keep_tcp(struct image_descriptor *d, const struct tcp_info *info)
{
	static const uint8_t no_port[2];
	struct address local;

	d->kind = DESCRIPTOR_SOCKET;
	d->options = tcp_options(d->fd, d->family);
	keep_buffer_sizes(d);
	local_address(d->fd, &local);
	/* sin_port and sin6_port stand at the same place. */
	if (memcmp(local.raw + offsetof(struct sockaddr_in, sin_port), no_port, sizeof(no_port)) != 0) {
		d->options |= OPTION_BOUND;
		keep_address(d, &local);
	}
	if (info->tcpi_state == TCP_LISTEN) {
		d->options |= OPTION_LISTENING;
		d->backlog = info->tcpi_sacked;
	}
}

static bool is_live(enum tcp_state state)
{
	return state == TCP_ESTABLISHED || state == TCP_SYN_SENT || state == TCP_SYN_RECV;
}

static void capture_tcp(struct subject *s)
{
	struct tcp_info info = { 0 };
	unsigned int bytes = sizeof(info);
	int error = sys_getsockopt(s->d->fd, IPPROTO_TCP, TCP_INFO, &info, &bytes);
	struct pollfd poll = { s->d->fd, POLLRDHUP, 0 };

	if (error < 0) {
		refuse_kind(s, REFUSE_SOCKET);
		return;
	}
	/* A closed one that was never connected reports POLLHUP, but not POLLRDHUP. */
	if (info.tcpi_state == TCP_LISTEN
	    || (info.tcpi_state == TCP_CLOSE && sys_poll(&poll, 1, 0) >= 0 && !(poll.revents & POLLRDHUP)))
		keep_tcp(s->d, &info);
	else if (!is_live(info.tcpi_state) && has_ended(s->d->fd, POLLRDHUP))
		s->d->kind = DESCRIPTOR_DEAD_SOCKET;
	else
		refuse_socket(s, REFUSE_CONNECTION, "");
}

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
	keep_address(d, local);
	if (is_attach_name(s, local)) {
		d->options |= OPTION_ATTACH;
		/* HotSpot binds this name and renames the file: PosixAttachListener::init */
		if (string_ends((const char *)local->raw + UNIX_NAME_OFFSET, ".tmp"))
			d->options |= OPTION_ATTACH_VM;
	}
}

static void capture_unix(struct subject *s)
{
	struct address local, remote;
	bool connected = remote_address(s->d->fd, &remote) == 0;

	local_address(s->d->fd, &local);
	if (!connected) {
		if (option(s->d->fd, SOL_SOCKET, SO_ACCEPTCONN))
			keep_unix_listener(s, &local);
		else if (local.bytes <= UNIX_NAME_OFFSET)
			s->d->kind = DESCRIPTOR_SOCKET;
		else
			refuse_socket(s, REFUSE_SOCKET, "AF_UNIX socket that is bound but does not listen");
		return;
	}
	/* POLLHUP: the peer has closed, not only shut down its sending half. */
	if (is_attach_name(s, &local) || is_attach_name(s, &remote) || has_ended(s->d->fd, POLLHUP))
		s->d->kind = DESCRIPTOR_DEAD_SOCKET;
	else
		refuse_socket(s, REFUSE_UNIX_CONNECTION, "");
}

void capture_socket(struct subject *s)
{
	struct image_descriptor *d = s->d;

	if (d->fd == s->c->b->reply_fd) {
		d->kind = DESCRIPTOR_DEAD_SOCKET;
		return;
	}
	read_kind(d);
	if (d->type == SOCK_STREAM && d->family == AF_UNIX)
		capture_unix(s);
	else if (d->type == SOCK_STREAM && d->protocol == IPPROTO_TCP)
		capture_tcp(s);
	else
		refuse_kind(s, REFUSE_SOCKET);
}
