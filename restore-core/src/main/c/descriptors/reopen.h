/* SPDX-License-Identifier: Apache-2.0
 * What the parts of descriptors_reopen and descriptors_install share.
 */
#ifndef THAW_DESCRIPTORS_REOPEN_H
#define THAW_DESCRIPTORS_REOPEN_H

#include "descriptors/descriptors.h"

struct reopening {
	const struct image_view *view;
	int new_pid;
	int base;			/* everything goes to numbers from here on */
	struct reopened *to;
	struct text *why;
};

/* reopen.c */
/* "cannot <verb> <name> again: <errno>"; returns error. */
int reopen_failed(const struct reopening *r, const char *verb, const char *name, long error);
/* Moves fd to base or above; -errno when that fails, fd is closed then. */
int reopen_move_up(const struct reopening *r, int fd);
/* O_NONBLOCK as noted. */
void reopen_set_blocking(int fd, uint32_t open_flags);

/* reopen_files.c: a new descriptor or -errno. */
int reopen_by_name(const struct reopening *r, const struct image_descriptor *d);
int reopen_closed(const struct reopening *r);

/* reopen_sockets.c: a new descriptor or -errno. */
int reopen_socket(const struct reopening *r, const struct image_descriptor *d);
int reopen_dead_socket(const struct reopening *r, const struct image_descriptor *d);

int reopen_buffer_sizes(int fd, const struct image_descriptor *d);
int reopen_socket_options(int fd, const struct image_descriptor *d);	/* before bind */

/* reopen_udp.c */
int reopen_udp(const struct reopening *r, const struct image_descriptor *d);

/* memfd.c */
int reopen_memfd(const struct reopening *r, const struct image_descriptor *d);

/* reopen_unix.c */
int reopen_unix_listener(const struct reopening *r, const struct image_descriptor *d);
void reopen_remove_name(const struct image_descriptor *d, int new_pid);

/* reopen_pipes.c: fills to->fds of both ends. 0 or -errno. */
int reopen_pipe(const struct reopening *r, const struct image_descriptor *d, uint64_t index);

/* reopen_pairs.c: the first fills to->fds of both ends. */
int reopen_pair(const struct reopening *r, const struct image_descriptor *d, uint64_t index);
int reopen_unix_datagram(const struct reopening *r, const struct image_descriptor *d);

/* reopen_inotify.c */
int reopen_inotify(const struct reopening *r, const struct image_descriptor *d);

/* address.c: "127.0.0.1:8080", "[::1]:8080", "/tmp/socket", "@abstract" */
void address_text(struct text *t, const uint8_t *address, uint32_t bytes);

#endif
