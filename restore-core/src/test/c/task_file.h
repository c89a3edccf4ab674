/* SPDX-License-Identifier: Apache-2.0
 * What the kernel tells of a thread of this process.
 */
#ifndef TASK_FILE_H
#define TASK_FILE_H

#include "sys/memory.h"

#include "check.h"

/* All of a small file of /proc/self/task/TID, NUL-terminated: name as "/stat". */
static inline void task_file(uint32_t tid, const char *name, char *ret, size_t bytes)
{
	char path[64];
	struct text t;
	int fd;
	long got;

	text_open(&t, path, sizeof(path));
	text_string(&t, "/proc/self/task/");
	text_decimal(&t, tid);
	text_string(&t, name);
	fd = (int)MUST(sys_open(path, O_RDONLY | O_CLOEXEC));
	got = MUST(sys_read(fd, ret, bytes - 1));
	ret[got] = 0;
	sys_close(fd);
}

#endif
