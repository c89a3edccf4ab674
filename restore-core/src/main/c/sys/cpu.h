/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_SYS_CPU_H
#define THAW_SYS_CPU_H

#include "image/format.h"

/* What the CPU and the kernel offer (Intel SDM vol. 2, CPUID; XGETBV). */
void cpu_read(struct image_cpu *ret);

/* NULL when a program that was started on `old` runs on `now`; else what is missing. */
const char *cpu_missing(const struct image_cpu *old, const struct image_cpu *now);

#endif
