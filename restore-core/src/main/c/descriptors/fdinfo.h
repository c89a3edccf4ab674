/* SPDX-License-Identifier: Apache-2.0
 * Text of /proc, line by line, and what /proc/self/fdinfo tells.
 */
#ifndef THAW_DESCRIPTORS_FDINFO_H
#define THAW_DESCRIPTORS_FDINFO_H

#include <stdbool.h>
#include <stdint.h>

struct lines {
	int file;
	uint32_t begin, end;	/* what of the buffer is not yet returned */
	char buffer[512];
};
int lines_open(struct lines *ret, const char *path);
/* The next line without its end, valid until the next call; longer ones come in pieces; NULL at the end. */
char *lines_next(struct lines *lines);
void lines_close(struct lines *lines);

struct fdinfo_eventfd {
	uint64_t count;
	bool semaphore;
};
int fdinfo_eventfd(int fd, struct fdinfo_eventfd *ret);

/* proc_pid_fdinfo(5), "timerfd entries". */
struct fdinfo_timerfd {
	uint32_t clock;
	uint64_t ticks;
	uint32_t flags;
	uint64_t value_ns, interval_ns;	/* value: from now on */
};
int fdinfo_timerfd(int fd, struct fdinfo_timerfd *ret);

int fdinfo_signalfd(int fd, uint64_t *ret_mask);

/* One "inotify wd:" line; the device as the kernel has it inside, not as stat gives it. */
struct fdinfo_inotify {
	int wd;
	uint64_t inode, device;
	uint32_t mask;
};
bool fdinfo_parse_inotify(const char *line, struct fdinfo_inotify *ret);

/* One "tfd:" line of an epoll. */
struct fdinfo_watch {
	int target;
	uint32_t events;
	uint64_t data;
	uint64_t inode;
};
int fdinfo_open(int fd, struct lines *ret);
bool fdinfo_parse_watch(const char *line, struct fdinfo_watch *ret);

#endif
