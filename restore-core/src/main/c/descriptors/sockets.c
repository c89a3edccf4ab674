/* SPDX-License-Identifier: Apache-2.0 */
#include "descriptors/sockets.h"
#include "sys/syscall.h"

int socket_option(int fd, int level, int name)
{
	int value = 0;
	unsigned int bytes = sizeof(value);

	return sys_getsockopt(fd, level, name, &value, &bytes) < 0 ? 0 : value;
}

void socket_local(int fd, struct address *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->bytes = 128;
	if (sys_getsockname(fd, ret->raw, &ret->bytes) < 0)
		ret->bytes = 0;
}

int socket_remote(int fd, struct address *ret)
{
	int error;

	memset(ret, 0, sizeof(*ret));
	ret->bytes = 128;
	error = sys_getpeername(fd, ret->raw, &ret->bytes);
	if (error < 0)
		ret->bytes = 0;
	return error;
}

void socket_keep_address(struct image_descriptor *d, const struct address *local)
{
	d->address_bytes = (uint32_t)min_u64(local->bytes, sizeof(d->address));
	memcpy(d->address, local->raw, sizeof(d->address));
}

void socket_refuse(struct subject *s, enum thaw_refusal_reason reason, const char *name)
{
	struct thaw_refusal *refusal = capture_refuse(s, reason, name);
	struct address address;

	socket_local(s->d->fd, &address);
	memcpy(refusal->local, address.raw, sizeof(refusal->local));
	refusal->address_bytes = address.bytes;
	socket_remote(s->d->fd, &address);
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
	socket_refuse(s, reason, name);
}

static void read_kind(struct image_descriptor *d)
{
	d->family = (uint32_t)socket_option(d->fd, SOL_SOCKET, SO_DOMAIN);
	d->type = (uint32_t)socket_option(d->fd, SOL_SOCKET, SO_TYPE);
	d->protocol = (uint32_t)socket_option(d->fd, SOL_SOCKET, SO_PROTOCOL);
}

void capture_refuse_socket_by_policy(struct subject *s)
{
	read_kind(s->d);
	refuse_kind(s, REFUSE_SOCKET_POLICY);
}

/* Looks without taking: a read, even with MSG_PEEK, would swallow a pending ECONNRESET. */
bool socket_has_ended(int fd, int16_t sign)
{
	struct pollfd poll = { fd, POLLIN | POLLRDHUP, 0 };
	int unread = 0;

	return sys_poll(&poll, 1, 0) > 0 && (poll.revents & sign)
		&& sys_ioctl(fd, FIONREAD, &unread) == 0 && unread == 0;
}

uint32_t socket_options(const struct image_descriptor *d)
{
	uint32_t ret = 0;

	if (socket_option(d->fd, SOL_SOCKET, SO_REUSEADDR))
		ret |= OPTION_REUSEADDR;
	if (socket_option(d->fd, SOL_SOCKET, SO_REUSEPORT))
		ret |= OPTION_REUSEPORT;
	if (socket_option(d->fd, SOL_SOCKET, SO_KEEPALIVE))
		ret |= OPTION_KEEPALIVE;
	if (d->protocol == IPPROTO_TCP && socket_option(d->fd, IPPROTO_TCP, TCP_NODELAY))
		ret |= OPTION_NODELAY;
	if (d->family == AF_INET6 && socket_option(d->fd, IPPROTO_IPV6, IPV6_V6ONLY))
		ret |= OPTION_V6ONLY;
	return ret;
}

/* Sizes the kernel chose itself are left to the kernel of the restore. */
void socket_keep_buffer_sizes(struct image_descriptor *d)
{
	int set = socket_option(d->fd, SOL_SOCKET, SO_BUF_LOCK);

	if (set & SOCK_RCVBUF_LOCK)
		d->receive_buffer = (uint32_t)socket_option(d->fd, SOL_SOCKET, SO_RCVBUF);
	if (set & SOCK_SNDBUF_LOCK)
		d->send_buffer = (uint32_t)socket_option(d->fd, SOL_SOCKET, SO_SNDBUF);
}

/* sin_port and sin6_port stand at the same place. */
bool socket_has_port(const struct address *address)
{
	const uint8_t *port = address->raw + offsetof(struct sockaddr_in, sin_port);

	return port[0] || port[1];
}

/* Neither connected nor ever was. */
static void keep_tcp(struct image_descriptor *d, const struct tcp_info *info)
{
	struct address local;

	d->kind = DESCRIPTOR_SOCKET;
	d->options = socket_options(d);
	socket_keep_buffer_sizes(d);
	socket_local(d->fd, &local);
	if (socket_has_port(&local)) {
		d->options |= OPTION_BOUND;
		socket_keep_address(d, &local);
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

static bool read_tcp_info(int fd, struct tcp_info *ret)
{
	unsigned int bytes = sizeof(*ret);

	return sys_getsockopt(fd, IPPROTO_TCP, TCP_INFO, ret, &bytes) == 0;
}

/* A closed one that was never connected reports POLLHUP, but not POLLRDHUP. */
static bool is_unused(int fd, const struct tcp_info *info)
{
	struct pollfd poll = { fd, POLLRDHUP, 0 };

	return info->tcpi_state == TCP_LISTEN
	       || (info->tcpi_state == TCP_CLOSE && sys_poll(&poll, 1, 0) >= 0 && !(poll.revents & POLLRDHUP));
}

static void capture_tcp(struct subject *s)
{
	struct tcp_info info = { 0 };

	if (!read_tcp_info(s->d->fd, &info))
		refuse_kind(s, REFUSE_SOCKET);
	else if (is_unused(s->d->fd, &info))
		keep_tcp(s->d, &info);
	else if (!is_live(info.tcpi_state) && socket_has_ended(s->d->fd, POLLRDHUP))
		s->d->kind = DESCRIPTOR_DEAD_SOCKET;
	else
		socket_refuse(s, REFUSE_CONNECTION, "");
}

static bool is_unix_connected(const struct image_descriptor *d)
{
	struct address remote;

	return d->family == AF_UNIX && socket_remote(d->fd, &remote) == 0;
}

bool capture_is_stream_with_peer(struct subject *s)
{
	struct tcp_info info = { 0 };

	read_kind(s->d);
	if (s->d->type != SOCK_STREAM)
		return false;
	if (s->d->protocol != IPPROTO_TCP)
		return is_unix_connected(s->d);
	if (!read_tcp_info(s->d->fd, &info) || is_unused(s->d->fd, &info))
		return false;
	s->d->options = OPTION_RESET;
	return true;
}

void capture_socket(struct subject *s)
{
	struct image_descriptor *d = s->d;

	if (d->fd == s->c->b->reply_fd) {
		d->kind = DESCRIPTOR_DEAD_SOCKET;
		return;
	}
	read_kind(d);
	if (d->family == AF_UNIX && (d->type == SOCK_STREAM || d->type == SOCK_DGRAM))
		capture_unix(s);
	else if (d->type == SOCK_DGRAM && (d->family == AF_INET || d->family == AF_INET6) && d->protocol == IPPROTO_UDP)
		capture_udp(s);
	else if (d->type == SOCK_STREAM && d->protocol == IPPROTO_TCP)
		capture_tcp(s);
	else
		refuse_kind(s, REFUSE_SOCKET);
}
