/* SPDX-License-Identifier: Apache-2.0
 * What the captures of sockets share.
 */
#ifndef THAW_DESCRIPTORS_SOCKETS_H
#define THAW_DESCRIPTORS_SOCKETS_H

#include "descriptors/capture.h"

#define UNIX_NAME_OFFSET	((unsigned int)offsetof(struct sockaddr_un, sun_path))

/* Zero behind the address itself; kernels end a path with NUL. */
struct address {
	unsigned int bytes;
	uint8_t raw[132];
};

/* sockets.c */
int socket_option(int fd, int level, int name);		/* 0 when it cannot be read */
void socket_local(int fd, struct address *ret);
int socket_remote(int fd, struct address *ret);		/* < 0: not connected */
bool socket_has_port(const struct address *address);
void socket_keep_address(struct image_descriptor *d, const struct address *local);
void socket_keep_buffer_sizes(struct image_descriptor *d);
uint32_t socket_options(const struct image_descriptor *d);	/* those that TCP and UDP share, and TCP's */
/* Looks without taking; sign is what poll says of an ended one. */
bool socket_has_ended(int fd, int16_t sign);
void socket_refuse(struct subject *s, enum thaw_refusal_reason reason, const char *name);

/* diag.c: 0 or -errno, where the kernel does not tell. */
struct unix_end {
	uint32_t peer;		/* its inode; 0: it is closed */
	bool shut_read;
};
int unix_end_of(uint64_t inode, struct unix_end *ret);

/* udp.c, unix.c, pairs.c */
void capture_udp(struct subject *s);
void capture_unix(struct subject *s);
void capture_pair(struct subject *s);	/* connected, and neither end has a name */

#endif
