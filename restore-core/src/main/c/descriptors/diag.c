/* SPDX-License-Identifier: Apache-2.0
 * The one way to learn who is at the other end of a socketpair: sock_diag(7), module unix_diag.
 */
#include "descriptors/sockets.h"
#include "sys/syscall.h"

#define RCV_SHUTDOWN	1	/* include/net/sock.h */

struct request {
	struct nlmsghdr header;
	struct unix_diag_req request;
};

static void read_attributes(const uint8_t *at, const uint8_t *end, struct unix_end *ret)
{
	struct rtattr a;

	for (; end - at >= (long)sizeof(a); at += align_up(a.length, 4)) {
		memcpy(&a, at, sizeof(a));
		if (a.length < sizeof(a) || a.length > end - at)
			return;
		if (a.type == UNIX_DIAG_PEER && a.length >= sizeof(a) + sizeof(uint32_t))
			memcpy(&ret->peer, at + sizeof(a), sizeof(uint32_t));
		else if (a.type == UNIX_DIAG_SHUTDOWN && a.length > sizeof(a))
			ret->shut_read = at[sizeof(a)] & RCV_SHUTDOWN;
	}
}

static int ask(int netlink, uint32_t inode, struct unix_end *ret)
{
	struct request q = {
		{ sizeof(q), SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, 1, 0 },
		{ AF_UNIX, 0, 0, ~0u, inode, UDIAG_SHOW_PEER, { ~0u, ~0u } },
	};
	uint8_t answer[512] __attribute__((aligned(8)));
	const struct nlmsghdr *h = (const struct nlmsghdr *)(const void *)answer;
	long got = sys_send(netlink, &q, sizeof(q), 0);

	if (got >= 0)
		got = sys_recv(netlink, answer, sizeof(answer), MSG_DONTWAIT);
	if (got < 0)
		return (int)got;
	if (got < (long)(sizeof(*h) + sizeof(struct unix_diag_msg)) || h->type != SOCK_DIAG_BY_FAMILY || h->length > got)
		return -ENOENT;
	read_attributes(answer + sizeof(*h) + sizeof(struct unix_diag_msg), answer + h->length, ret);
	return 0;
}

int unix_end_of(uint64_t inode, struct unix_end *ret)
{
	int netlink = sys_socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG), error;

	memset(ret, 0, sizeof(*ret));
	if (netlink < 0)
		return netlink;
	error = ask(netlink, (uint32_t)inode, ret);
	sys_close(netlink);
	return error;
}
