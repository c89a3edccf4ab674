/* SPDX-License-Identifier: Apache-2.0
 * What control groups allow this process: cpu.max of version 2 (Documentation/admin-guide/cgroup-v2.rst),
 * cpu.cfs_quota_us and cpu.cfs_period_us of version 1 (Documentation/scheduler/sched-bwc.rst).
 */
#ifndef THAW_SYS_CGROUP_H
#define THAW_SYS_CGROUP_H

#include <stddef.h>
#include <stdint.h>

#define CGROUP_LIST	"/proc/self/cgroup"
#define CGROUP_MOUNTS	"/sys/fs/cgroup"

/*
 * Hundredths of a processor, at least 1: the least that a group of `list` or one above it allows; 0: no limit is found. The
 * list is read into the buffer.
 */
uint32_t cgroup_cpu_limit(const char *list, const char *mounts, char *buffer, size_t bytes);

#endif
