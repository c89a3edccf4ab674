/* SPDX-License-Identifier: Apache-2.0
 * What the parts of descriptors_capture share. Nothing here may write to a static variable: libthaw.so's
 * own data is part of the image that is being written.
 */
#ifndef THAW_DESCRIPTORS_CAPTURE_H
#define THAW_DESCRIPTORS_CAPTURE_H

#include "descriptors/fdinfo.h"
#include "image/builder.h"
#include "sys/memory.h"

/* Kinds that an entry has only during the capture. */
#define KIND_PENDING	0xffffffffu
#define KIND_REFUSED	0xfffffffeu

#define PATH_BYTES	4096u

struct capture {
	struct builder *b;
	int directory;		/* the list of open files in /proc */
	int tid;
	int error;		/* the first -errno */
	bool kcmp;		/* kcmp(2) works: seccomp filters of old containers forbid it */
};

/* The descriptor being looked at. */
struct subject {
	struct capture *c;
	struct image_descriptor *d;
	struct stat st;
	char *path;		/* its name, once capture_path was asked for it */
};

/* capture.c */
struct image_descriptor *capture_find(struct builder *b, int fd);
/* What readlink says, in the last bytes of STRINGS; valid for one subject at a time. */
char *capture_path(struct subject *s);
/* < 0, 0 (the same inode) or > 0. An anonymous inode is one for all files of its kind. */
int capture_order_of_inodes(const struct image_descriptor *a, const struct image_descriptor *b);
/* The entry at *at or behind it that refers to the same inode as s, and moves *at behind that; NULL at the end. */
struct image_descriptor *capture_next_of_inode(const struct subject *s, uint64_t *at);
/* The entry of the open file with that inode beside s's, not a duplicate, nor the launcher's; or NULL. */
struct image_descriptor *capture_of_inode(const struct subject *s, uint64_t inode);
struct thaw_refusal *capture_refuse(struct subject *s, enum thaw_refusal_reason reason, const char *name);
void capture_failed(struct capture *c, int error);

/* decisions.c: what Java decided for it, ACTION_COUNT: nothing. */
enum thaw_action capture_action(const struct subject *s);
/* Refuses or closes it, if that was decided. */
void capture_decided(struct subject *s);

/* duplicates.c: sets same_as of what shares its open file with a smaller number, then makes them STDIO or SAME. */
void capture_compare(struct capture *c);
void capture_duplicate(struct subject *s);

/* files.c, memfd.c, pipes.c, sockets.c, anonymous.c, inotify.c, watches.c, children.c */
void capture_file(struct subject *s);
void capture_device(struct subject *s);
bool capture_memfd(struct subject *s);
void capture_views(struct capture *c);
bool capture_is_memory_device(const struct stat *st);
void capture_fifo(struct subject *s);
void capture_pipe(struct subject *s);
void capture_socket(struct subject *s);
void capture_refuse_file(struct subject *s, enum thaw_refusal_reason reason);
void capture_refuse_socket_by_policy(struct subject *s);
/* It has, or had, somebody to read from: threads wait for that, and an end is what they understand. */
bool capture_is_stream_with_peer(struct subject *s);
void capture_anonymous(struct subject *s);
void capture_inotify(struct subject *s);
void capture_watches(struct capture *c);
void capture_children(struct capture *c);

static inline int access_mode(const struct image_descriptor *d)
{
	return (int)(d->open_flags & O_ACCMODE);
}

#endif
