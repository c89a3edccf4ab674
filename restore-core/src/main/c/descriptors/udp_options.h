/* SPDX-License-Identifier: Apache-2.0
 * What enum udp_option stands for.
 */
#ifndef THAW_DESCRIPTORS_UDP_OPTIONS_H
#define THAW_DESCRIPTORS_UDP_OPTIONS_H

#include "image/format.h"
#include "sys/abi.h"

static const struct { int level, name; } UDP_OPTIONS[UDP_OPTION_COUNT] = {
	[UDP_BROADCAST] = { SOL_SOCKET, SO_BROADCAST },
	[UDP_TTL] = { IPPROTO_IP, IP_TTL },
	[UDP_TOS] = { IPPROTO_IP, IP_TOS },
	[UDP_MULTICAST_TTL] = { IPPROTO_IP, IP_MULTICAST_TTL },
	[UDP_MULTICAST_LOOP] = { IPPROTO_IP, IP_MULTICAST_LOOP },
	[UDP_MULTICAST_IF] = { IPPROTO_IP, IP_MULTICAST_IF },
	[UDP6_HOPS] = { IPPROTO_IPV6, IPV6_UNICAST_HOPS },
	[UDP6_TRAFFIC_CLASS] = { IPPROTO_IPV6, IPV6_TCLASS },
	[UDP6_MULTICAST_HOPS] = { IPPROTO_IPV6, IPV6_MULTICAST_HOPS },
	[UDP6_MULTICAST_LOOP] = { IPPROTO_IPV6, IPV6_MULTICAST_LOOP },
	[UDP6_MULTICAST_IF] = { IPPROTO_IPV6, IPV6_MULTICAST_IF },
};

static inline int udp_option_count(const struct image_descriptor *d)
{
	return d->family == AF_INET6 ? UDP_OPTION_COUNT : UDP6_HOPS;
}

#endif
