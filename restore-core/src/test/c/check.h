/* SPDX-License-Identifier: Apache-2.0
 * Checks that go on, and steps that must succeed. Only headers of ours and <stdio.h>: libc's others declare the
 * kernel's structures in their own way.
 */
#ifndef CHECK_H
#define CHECK_H

#include "sys/syscall.h"

#include <stdio.h>	/* after ours: it defines some of the same constants */

extern int failures;
#define CHECK(condition, ...) do {							\
	if (!(condition)) {								\
		printf("%s:%d: not so: %s; ", __FILE__, __LINE__, #condition);		\
		printf(__VA_ARGS__);							\
		printf("\n");								\
		failures++;								\
	}										\
} while (0)
/* For steps of the preparation: nothing after them makes sense. */
#define MUST(expression) must((long)(expression), #expression, __LINE__)

static inline long must(long result, const char *expression, int line)
{
	if (result < 0) {
		printf("line %d: %s failed with errno %ld\n", line, expression, -result);
		fflush(stdout);
		sys_exit_group(1);
	}
	return result;
}

#endif
