/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_SYS_CPU_H
#define THAW_SYS_CPU_H

#include "image/format.h"
#include "sys/memory.h"

/* What the CPU and the kernel offer (Intel SDM vol. 2, CPUID; XGETBV). */
void cpu_read(struct image_cpu *ret);

/* NULL when a program that was started on `old` runs on `now`; else what is missing. */
const char *cpu_missing(const struct image_cpu *old, const struct image_cpu *now);

/* What has another layout in the signal frames; NULL: nothing. */
const char *cpu_layout_differs(const struct image_cpu *old, const struct image_cpu *now);

/* 64 hexadecimal digits: the eight words of CPUID, in the order of struct image_cpu. */
void cpu_text(struct text *ret, const struct image_cpu *cpu);
/* Those of old that now lacks. */
void cpu_text_missing(struct text *ret, const struct image_cpu *old, const struct image_cpu *now);

#endif
