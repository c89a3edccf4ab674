/* SPDX-License-Identifier: Apache-2.0 */
#include "descriptors/reopen.h"
#include "descriptors/udp_options.h"
#include "sys/syscall.h"

static uint32_t family_bytes(const struct image_descriptor *d)
{
	return d->family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
}

/* Only what differs: the kernel's own choices may be others on this machine. */
static int set_values(int fd, const struct image_descriptor *d, const struct image_udp *udp)
{
	int error = 0;

	for (int i = 0; !error && i < udp_option_count(d); i++) {
		int value = 0;
		unsigned int bytes = sizeof(value);

		if (sys_getsockopt(fd, UDP_OPTIONS[i].level, UDP_OPTIONS[i].name, &value, &bytes) < 0
		    || value == udp->values[i])
			continue;
		error = sys_setsockopt(fd, UDP_OPTIONS[i].level, UDP_OPTIONS[i].name, &udp->values[i], sizeof(value));
	}
	return error;
}

static int failed(const struct reopening *r, const char *verb, const uint8_t *address, uint32_t bytes, int error)
{
	char name[160];
	struct text t;

	text_open(&t, name, sizeof(name));
	text_string(&t, "UDP ");
	address_text(&t, address, bytes);
	return reopen_failed(r, verb, name, error);
}

static int bind_and_connect(const struct reopening *r, int fd, const struct image_descriptor *d,
			    const struct image_udp *udp)
{
	int error = 0;

	if (d->options & OPTION_BOUND)
		error = sys_bind(fd, udp->local, family_bytes(d));
	if (error)
		return failed(r, "bind", udp->local, family_bytes(d), error);
	if (d->options & OPTION_CONNECTED)
		error = sys_connect(fd, udp->remote, family_bytes(d));
	return error ? failed(r, "connect", udp->remote, family_bytes(d), error) : 0;
}

int reopen_udp(const struct reopening *r, const struct image_descriptor *d)
{
	struct image_udp udp;
	int fd = sys_socket((int)d->family, SOCK_DGRAM | SOCK_CLOEXEC, (int)d->protocol), error;

	if (fd < 0)
		return reopen_failed(r, "make", "a UDP socket", fd);
	memcpy(&udp, d->address, sizeof(udp));
	error = reopen_socket_options(fd, d);
	if (!error)
		error = set_values(fd, d, &udp);
	error = error ? reopen_failed(r, "make", "a UDP socket", error) : bind_and_connect(r, fd, d, &udp);
	if (error) {
		sys_close(fd);
		return error;
	}
	reopen_set_blocking(fd, d->open_flags);
	return fd;
}
