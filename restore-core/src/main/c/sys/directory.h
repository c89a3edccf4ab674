/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_SYS_DIRECTORY_H
#define THAW_SYS_DIRECTORY_H

#include <stdbool.h>

/* One entry; false ends the walk. */
typedef bool (*directory_visit)(const char *name, void *data);

/* Calls visit for each entry but "." and ".." of the open directory; 0 or -errno. Rewinds it first. */
int directory_walk(int fd, directory_visit visit, void *data);

#define DIRECTORY_NUMBER_END	0x7fffffff	/* above every number that directory_number() gives */

/* The name is a whole decimal number that fits 31 bits: that number, else -1. */
int directory_number(const char *name);

#endif
