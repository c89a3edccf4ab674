/* SPDX-License-Identifier: Apache-2.0 */
#include "descriptors/reopen.h"

static void port_text(struct text *t, const uint8_t *port)
{
	text_string(t, ":");
	text_decimal(t, (uint64_t)port[0] << 8 | port[1]);
}

static void ipv4_text(struct text *t, const uint8_t *bytes)
{
	for (int i = 0; i < 4; i++) {
		if (i)
			text_string(t, ".");
		text_decimal(t, bytes[i]);
	}
}

static void group_text(struct text *t, uint32_t group)
{
	char digits[8];
	struct text hex;

	text_open(&hex, digits, sizeof(digits));
	text_hex(&hex, group);
	text_string(t, digits + 2);
}

static uint32_t group_at(const uint8_t *bytes, int i)
{
	return (uint32_t)bytes[2 * i] << 8 | bytes[2 * i + 1];
}

/* The longest run of at least two zero groups, the first of equals: RFC 5952. */
static int longest_zeros(const uint8_t *bytes, int *ret_count)
{
	int best = -1;

	*ret_count = 1;
	for (int i = 0; i < 8; i++) {
		int count = 0;

		while (i + count < 8 && group_at(bytes, i + count) == 0)
			count++;
		if (count > *ret_count) {
			best = i;
			*ret_count = count;
		}
	}
	return best;
}

static void ipv6_text(struct text *t, const uint8_t *bytes)
{
	static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
	int count, zeros = longest_zeros(bytes, &count);

	if (memcmp(bytes, mapped, sizeof(mapped)) == 0) {
		text_string(t, "::ffff:");
		ipv4_text(t, bytes + sizeof(mapped));
		return;
	}
	for (int i = 0; i < 8; i++) {
		if (i == zeros) {
			text_string(t, "::");
			i += count - 1;
			continue;
		}
		if (i && i != zeros + count)
			text_string(t, ":");
		group_text(t, group_at(bytes, i));
	}
}

/* An abstract name need not end with NUL, nor be text. */
static void unix_text(struct text *t, const struct sockaddr_un *address, uint32_t bytes)
{
	char name[sizeof(address->sun_path) + 1] = { 0 };
	uint32_t length = bytes > 2 ? (uint32_t)min_u64(bytes - 2, sizeof(address->sun_path)) : 0;

	memcpy(name, address->sun_path, length);
	if (length && !name[0])
		name[0] = '@';
	text_string(t, name);
}

void address_text(struct text *t, const uint8_t *address, uint32_t bytes)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)address;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)address;

	if (in->sin_family == AF_UNIX) {
		unix_text(t, (const struct sockaddr_un *)(const void *)address, bytes);
	} else if (in->sin_family == AF_INET) {
		ipv4_text(t, in->sin_addr);
		port_text(t, in->sin_port);
	} else if (in->sin_family == AF_INET6) {
		text_string(t, "[");
		ipv6_text(t, in6->sin6_addr);
		text_string(t, "]");
		port_text(t, in6->sin6_port);
	}
}
