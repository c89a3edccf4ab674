/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_SYS_TIME_OFFSETS_H
#define THAW_SYS_TIME_OFFSETS_H

#include <stdint.h>

/* What the process's time namespace adds to the machine's clocks. */
struct time_offsets {
	int64_t monotonic_ns, boottime_ns;
};

/* Zeros where the kernel has no time namespaces. */
void time_offsets_read(struct time_offsets *ret);
/* Those of a time namespace that was made and not entered yet; 0 or -errno. */
int time_offsets_write(const struct time_offsets *offsets);

#endif
