/* SPDX-License-Identifier: Apache-2.0
 * Open files: what a checkpoint notes of them, and how a restore makes them again.
 */
#ifndef THAW_DESCRIPTORS_H
#define THAW_DESCRIPTORS_H

#include "image/builder.h"
#include "image/view.h"
#include "sys/memory.h"

/* ZGC's heap, as /proc shows it: the one memory file whose use is known. */
#define HEAP_MEMFD_NAME	"java_heap"
#define HEAP_MEMFD	"/memfd:" HEAP_MEMFD_NAME " (deleted)"

/*
 * capture.c, in libthaw.so, on the engine's stack while every thread is parked; no libc, no allocation.
 * Fills SECTION_DESCRIPTORS, WATCHES, BLOBS; what cannot be carried becomes a refusal. Also refuses child
 * processes. 0 or -errno when /proc cannot be read (a refusal is not an error). Until it returns it uses what
 * is still free of STRINGS; less than 8 KiB of that counts as overflow.
 */
int descriptors_capture(struct builder *b);

/* files.c: of /proc, /sys or cgroup. What it says belongs to this boot, this pid, this open. */
bool descriptor_is_kernel_file(int fd);

/*
 * decisions.c, just before this process ends: the peers of connections closed by decision see a reset, not an end
 * that they could take for a whole answer. Where something is still under way to the peer, that goes first.
 */
void descriptors_reset_peers(const struct builder *b);

/*
 * reopen.c, in the `thaw` executable before the point of no return. Makes every descriptor at a number
 * above all of the snapshot's and of `first_free`. On failure `ret_why` is the sentence's rest ("cannot listen
 * on 127.0.0.1:8080 again: Address already in use (EADDRINUSE)") and nothing stays behind on disk but empty files that are appended to.
 * new_pid replaces the old in the attach sockets' names.
 */
struct reopened {
	int *fds;		/* by index into view->descriptors: where it is now */
	uint64_t count;
	int first_free;		/* the first number above all that was opened */
};
int descriptors_reopen(const struct image_view *view, int new_pid, struct reopened *ret, struct text *ret_why);

/* Afterwards, with the clocks as they will be. 0 or -errno with the sentence's rest. */
int descriptors_arm_timers(const struct image_view *view, const struct reopened *reopened, struct text *ret_why);

/* After a descriptors_reopen that succeeded, when the restore fails later: removes the sockets' files. */
void descriptors_remove_names(const struct image_view *view, int new_pid);

/* Closes what the launcher inherited: 3 to keep_from - 1. 0 or -errno. */
int descriptors_close_inherited(int keep_from);

/* Moves them to their numbers, closing what stands there, and registers the epoll watches. Launcher's 0-2 stay. */
int descriptors_install(const struct image_view *view, const struct reopened *from, struct text *ret_why);

#endif
