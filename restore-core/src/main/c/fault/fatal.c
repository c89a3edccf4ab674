/* SPDX-License-Identifier: Apache-2.0 */
#include "fault/fault.h"

void fatal(int status, const char *what, long error, const char *detail)
{
	char line[512];
	struct text t;

	text_open(&t, line, sizeof(line) - 1);
	text_string(&t, "thaw: ");
	text_string(&t, what);
	if (error) {
		text_string(&t, ": ");
		text_errno(&t, (int)(error < 0 ? -error : error));
	}
	if (*detail) {
		text_string(&t, " (");
		text_string(&t, detail);
		text_string(&t, ")");
	}
	line[t.length++] = '\n';
	sys_write(2, line, t.length);
	sys_exit_group(status);
}
