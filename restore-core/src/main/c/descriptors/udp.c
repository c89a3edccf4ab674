/* SPDX-License-Identifier: Apache-2.0
 * UDP sockets: where they are bound and connected to, and what getsockopt tells. Which groups one has joined it
 * does not tell.
 */
#include "descriptors/sockets.h"
#include "descriptors/udp_options.h"

void capture_udp(struct subject *s)
{
	struct image_descriptor *d = s->d;
	struct image_udp udp = { 0 };
	struct address local, remote;

	d->kind = DESCRIPTOR_UDP;
	d->options = socket_options(d);
	socket_keep_buffer_sizes(d);
	socket_local(d->fd, &local);
	if (socket_has_port(&local))
		d->options |= OPTION_BOUND;
	if (socket_remote(d->fd, &remote) == 0) {
		d->options |= OPTION_CONNECTED;
		memcpy(udp.remote, remote.raw, sizeof(udp.remote));
	}
	memcpy(udp.local, local.raw, sizeof(udp.local));
	for (int i = 0; i < udp_option_count(d); i++)
		udp.values[i] = socket_option(d->fd, UDP_OPTIONS[i].level, UDP_OPTIONS[i].name);
	memset(d->address, 0, sizeof(d->address));
	memcpy(d->address, &udp, sizeof(udp));
	d->address_bytes = (uint32_t)min_u64(local.bytes, sizeof(udp.local));
}
