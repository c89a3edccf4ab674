/* SPDX-License-Identifier: Apache-2.0 */
#include "restore/resume_pid.h"

#include "sys/memory.h"
#include "sys/syscall.h"

static void write_text(const struct thaw_pid_place *p, uint64_t pid)
{
	struct text t;

	text_open(&t, (char *)p->address, p->bytes);
	text_string(&t, p->before);
	text_decimal(&t, pid);
	text_string(&t, p->behind);
}

void resume_pid(const struct thaw_pid_place *places, uint64_t count, uint64_t pid)
{
	for (uint64_t i = 0; i < count; i++) {
		const struct thaw_pid_place *p = &places[i];

		if (p->only_if && !*(const uint8_t *)p->only_if)
			continue;
		if (p->is_number)
			*(uint32_t *)p->address = (uint32_t)pid;
		else
			write_text(p, pid);
	}
}
