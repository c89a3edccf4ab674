/* SPDX-License-Identifier: Apache-2.0
 * Dirty tracking: userfaultfd write protection that the kernel itself lifts at the first write
 * (UFFD_FEATURE_WP_ASYNC, Linux 6.7), read back by PAGEMAP_SCAN. No message, no handler.
 */
#ifndef THAW_TRACK_H
#define THAW_TRACK_H

#include "checkpoint/checkpoint.h"

/*
 * Opens a userfaultfd, the most able one this process may have: for faults of the kernel, too (CAP_SYS_PTRACE,
 * vm.unprivileged_userfaultfd, or access to /dev/userfaultfd), else for faults in user mode only. The fd and its
 * mode (enum thaw_uffd_mode), or -errno.
 */
int uffd_open(uint64_t features, uint32_t *ret_mode);

int uffd_register(int uffd, uint64_t start, uint64_t end, uint64_t mode);
int uffd_protect(int uffd, uint64_t start, uint64_t end);

/* Write-protects what this snapshot stored, in the pause; all threads stand still. */
bool track_arm(struct checkpoint *c);

/* Pages written since the parent snapshot; ~0 when that is not known. Threads may run. */
uint64_t track_count_dirty(void);

#endif
