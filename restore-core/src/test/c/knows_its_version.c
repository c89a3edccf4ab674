/* SPDX-License-Identifier: Apache-2.0 */
/* Placeholder: proves that a hosted program links with libthaw's objects. */
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

extern const char thaw_version[];

int main(void)
{
	if (strcmp(thaw_version, THAW_VERSION) != 0) {
		printf("version is %s, expected %s\n", thaw_version, THAW_VERSION);
		return 1;
	}
	return 0;
}
